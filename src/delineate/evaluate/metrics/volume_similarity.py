"""How alike the two volumes are, wherever they lie; a score where the relative volume error is an amount."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("volume_similarity", better="higher")
def volume_similarity(pair: ClassPair) -> float:
    """1 - |FP - FN| / (2 TP + FP + FN).

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
        TP 2, FP 1, FN 2
        1 - |1 - 2| / (2 x 2 + 1 + 2) = 0.8571
    """
    counts = pair.counts
    return 1 - abs(counts.fp - counts.fn) / (counts.predicted + counts.true)
