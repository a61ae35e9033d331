"""The share of the background that was called foreground; it depends on how much background is in the field of view."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("false_positive_rate", better="lower", by_formula_on_false_alarm=True)
def false_positive_rate(pair: ClassPair) -> float:
    """FP / (FP + TN); 0 where there is no background."""
    counts = pair.counts
    return counts.fp / max(counts.fp + counts.tn, 1)
