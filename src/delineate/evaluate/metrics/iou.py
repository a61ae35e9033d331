"""Intersection over union, the Jaccard index."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("iou", better="higher")
def iou(counts: Counts) -> float:
    """TP / (TP + FP + FN)."""
    return counts.tp / (counts.tp + counts.fp + counts.fn)
