"""The Dice coefficient (Dice 1945; Taha and Hanbury 2015)."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("dice", better="higher")
def dice(counts: Counts) -> float:
    """2 TP / (2 TP + FP + FN)."""
    return 2 * counts.tp / (counts.predicted + counts.true)
