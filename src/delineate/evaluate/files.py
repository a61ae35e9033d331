"""Masks in files: paired by name, compared on one grid, measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError, LabelError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.listing import listed
from delineate.core.threads import in_order
from delineate.core.volume import Volume
from delineate.evaluate.lookahead import LookAhead, look_ahead
from delineate.evaluate.maskpair import MaskPair, pair_files
from delineate.evaluate.metric import Metric
from delineate.evaluate.resample import resample_nearest
from delineate.evaluate.score import ClassScore, score_case
from delineate.evaluate.slices import CaseSlices, PerSlice, count_slices
from delineate.evaluate.table import ScoreTable, summarise
from delineate.evaluate.values import Values, labels_of, one_sided, values_of
from delineate.formats import read_label

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Effort:
    """How many cases are measured at the same time at most, within how many bytes of memory, and who hears the
    peak to be expected before the first voxel is read."""

    workers: int = 1
    budget_bytes: int | None = None
    expect: Callable[[int], None] | None = None


def evaluate_files(  # noqa: PLR0913 - one parameter per flag
    prediction: Path,
    truth: Path,
    labels: Labels | None = None,
    progress: Progress | None = None,
    *,
    resample: bool = False,
    effort: Effort = Effort(),
    metrics: Sequence[Metric] | None = None,
    per_slice: PerSlice | None = None,
) -> ScoreTable:
    """Measure masks against the truth: two files, or two folders whose files have the same names but for the suffix.

    Without ``labels`` every value but 0 found in any of the files is a class (so 0/255 is fine). A truth without a
    prediction counts as missed. With ``resample`` predictions on another grid are brought to the truth's. All that a
    reader of the numbers must know stands in the table's ``notes``. ``progress`` is told how many cases are done.
    ``metrics`` are all of the registry unless given. With ``per_slice`` the slices of every case are counted, too.

    Raises:
        LayoutError: two files of one name, or nothing to compare; all are named.
        GeometryError: prediction and truth lie on different grids.
        LabelError: values that are not whole, that ``labels`` does not declare, or nothing but background everywhere.
        BudgetError: a case that does not fit the budget.
        FormatError: a file that cannot be read.
    """
    pairs, notes = pair_files(Path(prediction), Path(truth))
    ahead = look_ahead(pairs, resample, effort.workers, effort.budget_bytes)
    if effort.expect is not None:
        effort.expect(ahead.expected_bytes)
    if ahead.elsewhere:
        moved = f"{len(ahead.elsewhere)} of {len(pairs)} predictions"
        notes += (f"{moved} brought to the truth's grid (nearest voxel): {listed(sorted(ahead.elsewhere))}",)
    if labels is None:
        labels, told = _inferred(pairs, ahead.workers)
        notes += told
    rows: list[ClassScore] = []
    axis = None if per_slice is None else per_slice.axis
    measured = in_order(lambda p: score_pair(p, labels, ahead, metrics, axis), pairs, ahead.workers)
    for done, (scores, slices) in enumerate(measured, 1):
        rows += scores
        if per_slice is not None and slices is not None:
            per_slice.hear(slices)
        if progress:
            progress(done, len(pairs))
    table = summarise(rows)
    nobody = [c.class_name for c in table.classes if c.n == 0]
    if nobody:
        notes += (f"in no mask at all, so in no mean: {listed(nobody)}",)
    return table.model_copy(update={"notes": (*table.notes, *notes)})


def score_pair(
    pair: MaskPair, labels: Labels, ahead: LookAhead, metrics: Sequence[Metric] | None = None, axis: str | None = None
) -> tuple[tuple[ClassScore, ...], CaseSlices | None]:
    """Measure one case, with ``axis`` also its slices along it; see `evaluate_files`."""
    found, wanted, geometry = _read_pair(pair, labels, ahead)
    slices = None if axis is None else count_slices(found, wanted, labels, geometry, axis, pair.case)
    return score_case(found, wanted, labels, geometry, pair.case, metrics), slices


def _read_pair(pair: MaskPair, labels: Labels, ahead: LookAhead) -> tuple[NDArray[Any], NDArray[Any], Geometry]:
    """Ids of prediction (empty where there is none) and truth, ``[z, y, x]`` on the truth's grid."""
    found = None if pair.prediction is None else _encode(read_label(pair.prediction), labels, pair.prediction)
    true = read_label(pair.truth)
    wanted = _encode(true, labels, pair.truth)
    if found is None:
        found = np.zeros_like(wanted)
    elif pair.case in ahead.elsewhere:
        try:
            found = resample_nearest(found, ahead.elsewhere[pair.case], true.geometry)
        except GeometryError as error:
            raise GeometryError(f"{pair.case}: {error.what}", error.expected, error.fix) from error
    return found, wanted, true.geometry


def _inferred(pairs: Sequence[MaskPair], workers: int) -> tuple[Labels, tuple[str, ...]]:
    """The labels that the values of all files mean, and which stand on one side only."""
    files = [path for pair in pairs for path in pair.files]
    known: dict[Path, Values] = dict(zip(files, in_order(values_of, files, workers), strict=True))
    predicted = [known[p.prediction] for p in pairs if p.prediction is not None]
    return labels_of(known.values()), one_sided(predicted, [known[p.truth] for p in pairs])


def _encode(volume: Volume, labels: Labels, path: Path) -> NDArray[Any]:
    try:
        return labels.encode(volume.array_czyx[0])
    except LabelError as error:
        raise LabelError(f"{path}: {error.what}", error.expected, error.fix) from error
