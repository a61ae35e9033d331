"""The Dice coefficient (Dice 1945; Taha and Hanbury 2015)."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("dice", better="higher")
def dice(pair: ClassPair) -> float:
    """2 TP / (2 TP + FP + FN)."""
    counts = pair.counts
    return 2 * counts.tp / (counts.predicted + counts.true)
