"""Agreement beyond what chance would give."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("kappa", better="higher")
def kappa(pair: ClassPair) -> float:
    """(o - e) / (1 - e): o = (TP + TN) / N, e = ((TP + FP) (TP + FN) + (FN + TN) (FP + TN)) / N^2, N all voxels.

    Agreement beyond chance. Worse than chance counts as 0, so that a prediction never gains by being emptied. Like
    accuracy it depends on how much background the image has.

    Unit: none.
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 1960.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        TP 2, FP 1, FN 2, TN 11
        o = 13 / 16, e = (3 x 4 + 13 x 12) / 16^2 = 168 / 256
        (13 / 16 - 168 / 256) / (1 - 168 / 256) = 0.4545
    """
    c = pair.counts
    by_chance = c.predicted * c.true + (c.fn + c.tn) * (c.fp + c.tn)
    beyond = c.voxels * (c.tp + c.tn) - by_chance  # whole numbers: nothing is lost where all but a few are background
    most = c.voxels**2 - by_chance
    return max(0.0, beyond / most) if most else 1.0
