"""The share of the background that was left alone; it depends on how much background is in the field of view."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("specificity", better="higher", by_formula_on_false_alarm=True)
def specificity(pair: ClassPair) -> float:
    """TN / (TN + FP); 1 where there is no background.

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
        TN 11, FP 1
        11 / (11 + 1) = 0.9167
    """
    counts = pair.counts
    return counts.tn / (counts.tn + counts.fp) if counts.tn + counts.fp else 1.0
