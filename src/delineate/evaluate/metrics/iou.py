"""Intersection over union, the Jaccard index."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("iou", better="higher")
def iou(pair: ClassPair) -> float:
    """TP / (TP + FP + FN)."""
    counts = pair.counts
    return counts.tp / (counts.tp + counts.fp + counts.fn)
