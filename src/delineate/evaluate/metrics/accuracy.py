"""The share of voxels told rightly; the background dominates it, so read it beside Dice."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("accuracy", better="higher", by_formula_on_false_alarm=True)
def accuracy(counts: Counts) -> float:
    """(TP + TN) / all."""
    return (counts.tp + counts.tn) / counts.voxels
