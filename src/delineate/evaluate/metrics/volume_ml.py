"""The volume of the prediction."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("volume_ml", better="neither", unit="ml")
def volume_ml(counts: Counts) -> float:
    """(TP + FP) voxels in millilitres."""
    return counts.predicted * counts.voxel_ml
