"""The share of the background that was called foreground; one minus specificity."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("false_positive_rate", better="lower", by_formula_on_false_alarm=True)
def false_positive_rate(pair: ClassPair) -> float:
    """FP / (FP + TN); 0 where there is no background.

    Unit: none (a share).
    Range: 0 to 1.
    Better: lower.
    Empty masks: both empty 0 and left out of the mean; prediction empty 1; truth empty: the formula.
    Paper: Taha and Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 2015.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        FP 1, TN 11
        1 / (1 + 11) = 0.0833
    """
    counts = pair.counts
    return counts.fp / max(counts.fp + counts.tn, 1)
