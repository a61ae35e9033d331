"""The share of the truth that was found (sensitivity)."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("recall", better="higher")
def recall(pair: ClassPair) -> float:
    """TP / (TP + FN)."""
    counts = pair.counts
    return counts.tp / counts.true
