"""The volume of the prediction."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("volume_ml", better="neither", unit="ml")
def volume_ml(pair: ClassPair) -> float:
    """(TP + FP) voxels in millilitres."""
    counts = pair.counts
    return counts.predicted * counts.voxel_ml
