"""The volume of the truth."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("truth_volume_ml", better="neither", unit="ml")
def truth_volume_ml(pair: ClassPair) -> float:
    """(TP + FN) voxels in millilitres."""
    counts = pair.counts
    return counts.true * counts.voxel_ml
