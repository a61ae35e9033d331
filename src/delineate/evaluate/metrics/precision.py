"""The share of the prediction that is right (positive predictive value)."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("precision", better="higher")
def precision(pair: ClassPair) -> float:
    """TP / (TP + FP).

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
        TP 2, FP 1
        2 / (2 + 1) = 0.6667
    """
    counts = pair.counts
    return counts.tp / counts.predicted
