"""The share of the truth that was found (sensitivity)."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("recall", better="higher")
def recall(pair: ClassPair) -> float:
    """TP / (TP + FN).

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
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
    return counts.tp / counts.true
