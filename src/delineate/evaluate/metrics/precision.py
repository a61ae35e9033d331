"""The share of the prediction that is right (positive predictive value)."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("precision", better="higher")
def precision(counts: Counts) -> float:
    """TP / (TP + FP)."""
    return counts.tp / counts.predicted
