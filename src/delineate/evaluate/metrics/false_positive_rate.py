"""The share of the background that was called foreground; it depends on how much background is in the field of view."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("false_positive_rate", better="lower", by_formula_on_false_alarm=True)
def false_positive_rate(counts: Counts) -> float:
    """FP / (FP + TN); 0 where there is no background."""
    return counts.fp / max(counts.fp + counts.tn, 1)
