"""`SliceSummary`: the slices of many cases brought together by class, and all of them as a table in a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from delineate.core.files import atomic_path
from delineate.core.record import Record
from delineate.evaluate.slices import SLICE_METRICS, CaseSlices


class SlicePart(Record):
    """``n`` slices, among them the ``missed`` (only in the truth), and the mean of each metric; None without any."""

    n: int
    missed: int
    metrics: dict[str, float | None]


class SliceSummary(SlicePart):
    """One class over the slices of all cases, each weighing alike: ``n`` are in the means, ``missed`` and
    ``false_alarm`` (only in the prediction) ones among them with the worst score; ``absent`` ones (in neither) are not.

    ``edge`` are the first and the last slice of each case that have truth of the class, ``middle`` the others that do.
    """

    class_name: str
    absent: int
    false_alarm: int
    edge: SlicePart
    middle: SlicePart


def summarise_slices(cases: Sequence[CaseSlices]) -> tuple[SliceSummary, ...]:
    """One summary per class, in order, of cases that were counted with the same labels."""
    if not cases:
        return ()
    class_of, true, missed, edge, middle, values = (
        np.concatenate(parts)
        for parts in zip(
            *((c.class_of, c.true, c.predicted == 0, c.edge, c.middle, c.values) for c in cases), strict=True
        )
    )
    slices = sum(c.slices for c in cases)
    summaries = []
    for k, name in enumerate(cases[0].class_names):
        here = class_of == k
        parts = [_part(values[rows], missed[rows]) for rows in (here, here & edge, here & middle)]
        alarms = int(np.count_nonzero(true[here] == 0))
        counts = {"class_name": name, "absent": slices - parts[0].n, "false_alarm": alarms}
        summaries.append(SliceSummary(**counts, **dict(parts[0]), edge=parts[1], middle=parts[2]))
    return tuple(summaries)


def save_slices(cases: Sequence[CaseSlices], path: Path) -> None:
    """Write one line per case, class and slice as CSV, atomically; it may be millions."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("case", "class", "axis", "slice", "state", *SLICE_METRICS, "truth_mm2", "predicted_mm2"))
        for found in cases:
            for s in found.scores():
                areas = (s.truth_mm2, s.predicted_mm2)
                writer.writerow((s.case, s.class_name, s.axis, s.number, s.state, *s.values, *areas))


def save_slice_summaries(summaries: Sequence[SliceSummary], path: Path) -> None:
    """Write one line per class as CSV, atomically."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        parts = [f"{part}_{c}" for part in ("edge", "middle") for c in ("n", "missed", *SLICE_METRICS)]
        writer.writerow(("class", "n", "absent", "missed", "false_alarm", *SLICE_METRICS, *parts))
        for s in summaries:
            numbers = [v for p in (s.edge, s.middle) for v in (p.n, p.missed, *p.metrics.values())]
            writer.writerow((s.class_name, s.n, s.absent, s.missed, s.false_alarm, *s.metrics.values(), *numbers))


def _part(values: NDArray[np.float64], missed: NDArray[np.bool_]) -> SlicePart:
    means = values.mean(axis=0).tolist() if len(values) else [None] * len(SLICE_METRICS)
    missing = int(np.count_nonzero(missed))
    return SlicePart(n=len(values), missed=missing, metrics=dict(zip(SLICE_METRICS, means, strict=True)))
