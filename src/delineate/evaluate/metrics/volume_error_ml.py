"""How far the predicted volume is from the true one, whichever way."""

from __future__ import annotations

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import metric


@metric("volume_error_ml", better="neither", unit="ml")
def volume_error_ml(counts: Counts) -> float:
    """|FP - FN| voxels in millilitres."""
    return abs(counts.fp - counts.fn) * counts.voxel_ml
