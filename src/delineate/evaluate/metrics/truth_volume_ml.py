"""The volume of the truth."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("truth_volume_ml", better="neither", unit="ml")
def truth_volume_ml(counts: Counts) -> float:
    """(TP + FN) voxels in millilitres."""
    return counts.true * counts.voxel_ml
