"""The share of the truth that was not found; one minus recall."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("false_negative_rate", better="lower")
def false_negative_rate(pair: ClassPair) -> float:
    """FN / (TP + FN).

    Unit: none (a share).
    Range: 0 to 1.
    Better: lower.
    Empty masks: both empty 0 and left out of the mean; one empty 1.
    Paper: Taha and Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 2015.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        TP 2, FN 2
        2 / (2 + 2) = 0.5
    """
    counts = pair.counts
    return counts.fn / counts.true
