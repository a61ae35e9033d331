"""The share of the truth that was not found; one minus recall."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("false_negative_rate", better="lower")
def false_negative_rate(counts: Counts) -> float:
    """FN / (TP + FN)."""
    return counts.fn / counts.true
