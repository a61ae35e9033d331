"""Intersection over union, the Jaccard index."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("iou", better="higher")
def iou(pair: ClassPair) -> float:
    """TP / (TP + FP + FN); Dice / (2 - Dice).

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Jaccard, The distribution of the flora in the alpine zone, New Phytologist 1912.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        TP 2, FP 1, FN 2
        2 / (2 + 1 + 2) = 0.4
    """
    counts = pair.counts
    return counts.tp / (counts.tp + counts.fp + counts.fn)
