"""What samplers are told besides the cases: class names, probability maps, and where the network was wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from delineate.config import PatchConfig
from delineate.core.labels import Labels

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from torch import nn

    from delineate.dataset.case import Dataset
    from delineate.patches.guide import Guide
    from delineate.patches.mistakes import Mistakes
    from delineate.plan.plan import Plan, Stage
    from delineate.store.chunks import Store


_CASES_WITHOUT_CLOCK = 4
_MOST_CASES = 16


def refuse_wrong_aims(knobs: PatchConfig, dataset: Dataset, labels: Labels) -> None:
    """Told right after the check, not after an hour of preparation.

    Raises:
        UsageError: the sampler goes by maps and no folder was named, or shares are stated that cannot be.
        DataError: a labelled case has no map.
    """
    from delineate.patches.samplers.balanced import id_shares

    class_ids = _class_ids(labels)
    id_shares(dict(knobs.class_shares or ()), class_ids, range(len(labels.file_values)))
    if knobs.sampler == "weighted":
        _maps(knobs, tuple(c.name for c in dataset.labelled))


def make_guide(knobs: PatchConfig, labels: Labels, store: Store, names: Sequence[str], folder: Path) -> Guide:
    """The guide for drawing the cases ``names``; ``folder`` is the fold's.

    Raises:
        DataError: a probability map cannot be used, or is 0 everywhere.
    """
    from delineate.patches.guide import Guide
    from delineate.patches.mistakes import Mistakes
    from delineate.store.likelihood import prepare_likelihoods

    weights, mistakes = None, None
    if knobs.sampler == "weighted":
        traces = {name: store.trace(name) for name in names}
        weights = prepare_likelihoods(_maps(knobs, tuple(names)), traces, store.folder / "likelihood")
    if knobs.sampler == "hard":
        mistakes = Mistakes(folder / "mistakes")
    return Guide(_class_ids(labels), weights, mistakes)


def tell_slabs(knobs: PatchConfig, store: Store, names: Sequence[str], slices: int) -> str:
    """How many lesions fit into the slabs of the sampler "slab"; nothing for any other."""
    from delineate.patches.slices import SliceIndex

    return SliceIndex(store, tuple(names)).note(slices) if knobs.sampler == "slab" else ""


def lead(workers: int) -> int:
    """How many batches ahead maps begin to hold: more than are ever read ahead."""
    return 8 + 2 * max(4, workers)


@dataclass
class Miner:
    """Looks for mistakes in a few training cases, other ones each time; `train.fit` calls it after a validation.

    In limited time the clock says how many cases; else it is the same number always, so that a run can be repeated.
    """

    store: Store
    names: Sequence[str]
    plan: Plan
    stage: Stage
    mistakes: Mistakes
    device: str
    precision: str
    overlap: float
    first_index: Any
    """``(step)`` gives the draw from which on maps found after that step hold."""

    def __call__(self, net: nn.Module, seconds: float | None, step: int) -> None:
        """Look at as many cases as the time allows, one at least."""
        from delineate.predict.engine import TorchEngine
        from delineate.predict.model import Model

        model = Model(self.plan, TorchEngine(net, self.device, self.precision), self.overlap)
        start, found = time.monotonic(), {}
        most = min(len(self.names), _CASES_WITHOUT_CLOCK if seconds is None else _MOST_CASES)
        for number in range(1, most + 1):
            name = self.names[(self.mistakes.looked_at + number - 1) % len(self.names)]
            found[name] = self._wrong(model, name)
            if seconds is not None and (time.monotonic() - start) * (number + 1) / number > seconds:
                break
        self.mistakes.add(self.first_index(step), found)

    def _wrong(self, model: Any, name: str) -> Any:
        from delineate.predict.model import predict_prepared
        from delineate.store.likelihood import BlockMap

        image, truth = self.store.whole(name)
        counts = count_wrong(predict_prepared(model, image), truth, self.plan.labels)
        return BlockMap.of(counts, self.store.shape(name)) if counts.any() else None


def count_wrong(logits_kzyx: Any, truth_zyx: Any, labels: Labels) -> Any:
    """Wrong voxels in each block of the prepared grid, ignored voxels left out; one block of slices at a time."""
    import numpy as np

    from delineate.store.likelihood import EDGE, block_sums

    sums = []
    for first in range(0, truth_zyx.shape[0], EDGE):
        span = slice(first, min(first + EDGE, truth_zyx.shape[0]))
        logits = np.stack([logits_kzyx[k, span] for k in range(labels.channels)])
        truth = truth_zyx[span]
        regions = labels.regions
        wrong = ((logits > 0) != labels.masks(truth)).any(axis=0) if regions else logits.argmax(axis=0) != truth
        if labels.ignore_id is not None:
            wrong &= truth != labels.ignore_id
        sums.append(block_sums(wrong))
    return np.concatenate(sums)


def _maps(knobs: PatchConfig, names: tuple[str, ...]) -> dict[str, Path]:
    from delineate.core.errors import UsageError
    from delineate.store.likelihood import find_maps

    if knobs.weights is None:
        raise UsageError(
            "patches.sampler is weighted, but patches.weights names no folder",
            "a folder with one probability map per case, named like the case",
            "name it: --set patches.weights=FOLDER",
        )
    return find_maps(names, Path(knobs.weights).expanduser())


def _class_ids(labels: Labels) -> Mapping[str, tuple[int, ...]]:
    return {"background": (0,), **{c.name: c.ids for c in labels.classes}}
