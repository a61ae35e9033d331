"""The share of the truth that was not found; one minus recall."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("false_negative_rate", better="lower")
def false_negative_rate(pair: ClassPair) -> float:
    """FN / (TP + FN)."""
    counts = pair.counts
    return counts.fn / counts.true
