"""`Validator`: whole cases of a fold scored by the very code that predicts, on the scans' own grids."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import nn

from delineate.evaluate.metric import counting_metrics
from delineate.evaluate.score import ClassScore, score_case
from delineate.plan.plan import Plan, Stage
from delineate.predict.engine import TorchEngine
from delineate.predict.model import Model, predict_prepared
from delineate.predict.sampled import SampledLogits
from delineate.store.chunks import Store
from delineate.store.restore import restore_logits

ReadTruth = Callable[[str], NDArray[Any]]
"""The true ids ``[z, y, x]`` of a case, on its own grid."""

Probabilities = Callable[[str, NDArray[np.float32], NDArray[Any]], None]
"""Is told of a case the probabilities ``[channel, n]`` of n voxels on a regular grid, and their true ids ``[n]``."""

Look = Callable[[str, NDArray[Any], NDArray[Any]], None]
"""Is shown of a case the ids that were predicted and the true ones, both ``[z, y, x]`` on its own grid."""


@dataclass
class Validator:
    """Scores a network on cases of a store.

    In limited time the first call decides how many cases fit; every later score that is compared is over those same
    cases, in the order given (shuffle it once). ``scores`` holds what the last call scored, per class and case,
    and `mask` gives what it predicted. ``probabilities`` is told how sure the network was, at each call, and ``look``
    is shown the masks.
    """

    store: Store
    names: Sequence[str]
    plan: Plan
    stage: Stage
    truth: ReadTruth
    device: str = "cpu"
    precision: str = "fp32"
    overlap: float = 0.5
    scores: tuple[ClassScore, ...] = ()
    probabilities: Probabilities | None = None
    look: Look = lambda name, ids, truth: None
    _compared: int = field(default=0, init=False)
    _masks: dict[str, Packed] = field(default_factory=dict, init=False)

    def __call__(self, net: nn.Module, seconds: float | None) -> float:
        """The mean Dice over cases and classes, of the cases all calls have in common."""
        model = Model(self.plan, TorchEngine(net, self.device, self.precision), self.overlap)
        start = time.monotonic()
        self._masks.clear()
        scored: list[tuple[ClassScore, ...]] = []
        for number, name in enumerate(self.names, 1):
            scored.append(self.score(model, name))
            spent = time.monotonic() - start
            if seconds is not None and number >= max(self._compared, 1) and spent * (number + 1) / number > seconds:
                break
        self._compared = self._compared or len(scored)
        self.scores = tuple(s for case in scored for s in case)
        return mean_dice([s for case in scored[: self._compared] for s in case])

    def dice_by_case(self) -> dict[str, float]:
        """The mean Dice over classes of each case that the last call scored and that has any of them."""
        cases: dict[str, list[ClassScore]] = {}
        for score in self.scores:
            if score.state != "absent":
                cases.setdefault(score.case, []).append(score)
        return {name: mean_dice(scores) for name, scores in cases.items()}

    def score(self, model: Model, name: str) -> tuple[ClassScore, ...]:
        """The scores of one case."""
        trace = self.store.trace(name)
        ids = self.predict(model, name)
        self._masks[name] = Packed.of(ids)
        truth = self.truth(name)
        self.look(name, ids, truth)
        metrics = counting_metrics()  # every epoch waits for these; the rest is measured when all is done
        return score_case(ids, truth, self.plan.labels, trace.original, name, metrics)

    def predict(self, model: Model, name: str) -> NDArray[Any]:
        """The ids predicted for one case, on its own grid."""
        image, truth = self.store.whole(name)
        logits = predict_prepared(model, np.asarray(image, dtype=np.float32))
        del image
        if self.probabilities is None:
            return restore_logits(logits, self.store.trace(name), self.plan.labels)
        sampled = SampledLogits(logits)
        true = truth[sampled.grid].copy()
        del truth
        ids = restore_logits(sampled, self.store.trace(name), self.plan.labels)
        self.probabilities(name, sampled.probabilities(self.plan.labels.regions), sampled.of_read(true))
        return ids

    def mask(self, name: str) -> NDArray[Any]:
        """The ids that the last call predicted for a case it scored, on its own grid."""
        return self._masks[name].unpacked()


@dataclass(frozen=True)
class Packed:
    """A mask kept for the report: compressed, it takes a thousandth of its size."""

    data: bytes
    shape: tuple[int, ...]
    dtype: str

    @classmethod
    def of(cls, ids_zyx: NDArray[Any]) -> Self:
        """Keep a mask."""
        return cls(zlib.compress(np.ascontiguousarray(ids_zyx).data, 1), ids_zyx.shape, ids_zyx.dtype.str)

    def unpacked(self) -> NDArray[Any]:
        """The mask again."""
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)


def mean_dice(scores: Sequence[ClassScore]) -> float:
    """The mean over classes of the mean Dice over cases; classes absent from both masks are left out."""
    classes: dict[str, list[float]] = {}
    for score in scores:
        value = score.values.get("dice")
        if score.state != "absent" and value is not None:
            classes.setdefault(score.class_name, []).append(value)
    return float(np.mean([np.mean(v) for v in classes.values()])) if classes else 0.0
