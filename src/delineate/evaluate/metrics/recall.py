"""The share of the truth that was found (sensitivity)."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("recall", better="higher")
def recall(counts: Counts) -> float:
    """TP / (TP + FN)."""
    return counts.tp / counts.true
