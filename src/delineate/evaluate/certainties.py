"""`Certainties`: the calibration of a fold on its validation cases, as a run keeps it; folds are joined."""

from __future__ import annotations

from collections.abc import Sequence

from delineate.core.record import Record
from delineate.evaluate.calibration import Reliability, ReliabilityBin


class Certainties(Record):
    """The `Reliability` of every class over a sample of voxels of ``cases``."""

    classes: tuple[Reliability, ...]
    cases: tuple[str, ...]


def join_certainties(parts: Sequence[Certainties]) -> Certainties | None:
    """Those of several folds as of all their voxels together; None of nothing. Folds of other classes than the first
    are left out."""
    if not parts:
        return None
    names = [r.class_name for r in parts[0].classes]
    same = [p for p in parts if [r.class_name for r in p.classes] == names]
    classes = tuple(join_reliability(group) for group in zip(*(p.classes for p in same), strict=True))
    return Certainties(classes=classes, cases=tuple(case for p in same for case in p.cases))


def join_reliability(parts: Sequence[Reliability]) -> Reliability:
    """One class over the voxels of all parts, from bins of equal edges."""
    bins = tuple(_joined(group) for group in zip(*(p.bins for p in parts), strict=True))
    voxels = sum(p.voxels for p in parts)
    gaps = [(abs((b.accuracy or 0.0) - (b.confidence or 0.0)), b.count) for b in bins if b.count]
    return Reliability(
        class_name=parts[0].class_name,
        bins=bins,
        ece=sum(gap * n for gap, n in gaps) / max(voxels, 1),
        ace=sum(gap for gap, _ in gaps) / max(len(gaps), 1),
        brier=sum(p.brier * p.voxels for p in parts) / max(voxels, 1),
        voxels=voxels,
    )


def _joined(group: Sequence[ReliabilityBin]) -> ReliabilityBin:
    count = sum(b.count for b in group)
    if not count:
        return group[0]
    confidence = sum((b.confidence or 0.0) * b.count for b in group) / count
    accuracy = sum((b.accuracy or 0.0) * b.count for b in group) / count
    return ReliabilityBin(low=group[0].low, high=group[0].high, confidence=confidence, accuracy=accuracy, count=count)
