"""The Dice coefficient: how much two masks overlap."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("dice", better="higher")
def dice(pair: ClassPair) -> float:
    """2 TP / (2 TP + FP + FN).

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Dice, Measures of the amount of ecologic association between species, Ecology 1945.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        TP 2, FP 1, FN 2
        2 x 2 / (2 x 2 + 1 + 2) = 0.5714
    """
    counts = pair.counts
    return 2 * counts.tp / (counts.predicted + counts.true)
