"""The share of the prediction that is right (positive predictive value)."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("precision", better="higher")
def precision(pair: ClassPair) -> float:
    """TP / (TP + FP)."""
    counts = pair.counts
    return counts.tp / counts.predicted
