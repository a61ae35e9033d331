"""How far the predicted volume is from the true one, as a share of the true one."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("relative_volume_error", better="neither", unit="true volumes")
def relative_volume_error(pair: ClassPair) -> float:
    """|FP - FN| / (TP + FN); 0.1 is ten percent too large or too small.

    On a false alarm, for which it is not defined, it is 1 as for a missed class, so that one does not drown the mean.

    Unit: true volumes.
    Range: 0 upward; above 1 where the prediction is more than twice as large.
    Better: describes and does not rank.
    Empty masks: both empty 0 and left out of the mean; one empty 1.
    Paper: Heimann et al., Comparison and evaluation of methods for liver segmentation from CT, IEEE TMI 2009.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        TP 2, FP 1, FN 2
        |1 - 2| / (2 + 2) = 0.25
    """
    counts = pair.counts
    return abs(counts.fp - counts.fn) / counts.true if counts.true else 1.0
