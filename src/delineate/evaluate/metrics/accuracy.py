"""The share of voxels told rightly; the background dominates it, so read it beside Dice."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("accuracy", better="higher", by_formula_on_false_alarm=True)
def accuracy(pair: ClassPair) -> float:
    """(TP + TN) / all."""
    counts = pair.counts
    return (counts.tp + counts.tn) / counts.voxels
