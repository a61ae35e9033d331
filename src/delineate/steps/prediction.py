"""The verb `predict`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.errors import UsageError
from delineate.core.memory import MemoryUse, MemoryWatch, budget_of, keep_freed_memory, tree_bytes
from delineate.core.progress import Progress, silent

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Case
    from delineate.predict.model import Model
    from delineate.predict.probability import ProbabilityWriter


def predict(  # noqa: PLR0913
    run: Path,
    scans: Path,
    out: Path,
    *,
    device: str = "auto",
    mirror: bool = False,
    folds: tuple[int, ...] | None = None,
    progress: Progress = silent,
    memory: str | None = None,
    told: Callable[[MemoryUse], None] | None = None,
    probabilities: Path | None = None,
) -> tuple[Path, ...]:
    """Write a mask for every scan, on the scan's own grid; returns the masks' paths.

    ``scans`` is a file, a folder or a list file. ``out`` is a file for a single scan, else a folder; a mask that is
    already there is not written over. ``memory`` bounds the peak, by default 80 % of what is free; ``told`` hears what
    was expected and what was measured. ``probabilities`` is a folder for maps of the probability of each class, on the
    scan's own grid too: ``CLASS/CASE.nii.gz``, numbers from 0 to 1.

    Raises:
        BudgetError: a scan does not fit the memory; nothing was predicted.
        UsageError: a mask is already there, or the scans' channels are not those of the training.
    """
    from delineate.dataset.scans import find_scans
    from delineate.formats import write_volume
    from delineate.predict.footprint import fit_model
    from delineate.predict.model import load_model, predict_case
    from delineate.train.device import choose_device

    budget = budget_of(memory)
    keep_freed_memory()
    with MemoryWatch() as watch:
        model = load_model(Path(run), folds, str(choose_device(device)), mirror)
        cases = find_scans(Path(scans), model.plan.channels)
        targets = _targets(cases, Path(out))
        model, expected = fit_model(model, cases, budget, tree_bytes())
        for number, (case, target) in enumerate(zip(cases, targets, strict=True), 1):
            with _maps(probabilities, case, model) as maps:
                write_volume(target, predict_case(model, case, maps))
            progress("predict", number, len(cases))
    if told is not None:
        told(MemoryUse(budget, expected, watch.peak_bytes))
    return targets


def _maps(folder: Path | None, case: Case, model: Model) -> AbstractContextManager[ProbabilityWriter | None]:
    from delineate.predict.probability import ProbabilityWriter

    return nullcontext() if folder is None else ProbabilityWriter(folder, case.name, model.plan.labels)


def _targets(cases: tuple[Case, ...], out: Path) -> tuple[Path, ...]:
    from delineate.formats import is_scan

    if len(cases) == 1 and is_scan(out):
        targets: tuple[Path, ...] = (out,)
    else:
        targets = tuple(out / f"{c.name}{mask_suffix(c.images[0])}" for c in cases)
    taken = [str(t) for t in targets if t.exists()]
    if taken:
        raise UsageError(
            f"{len(taken)} masks are already there: {', '.join(taken[:5])}",
            "an output that would write over nothing",
            "choose another folder with -o, or remove them",
        )
    return targets


def mask_suffix(image: Path) -> str:
    """The mask's format is the scan's, except where that cannot hold a mask without loss."""
    from delineate.formats import format_of, strip_suffix

    form = format_of(image)
    return ".png" if form.lossy or not form.writes else image.name[len(strip_suffix(image)) :]
