"""The share of voxels told rightly; the background dominates it, so read it beside Dice."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("accuracy", better="higher", by_formula_on_false_alarm=True)
def accuracy(pair: ClassPair) -> float:
    """(TP + TN) / all.

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; prediction empty 0; truth empty: the formula.
    Paper: Taha and Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 2015.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        TP 2, FP 1, FN 2, TN 11
        (2 + 11) / 16 = 0.8125
    """
    counts = pair.counts
    return (counts.tp + counts.tn) / counts.voxels
