"""How far the predicted volume is from the true one, whichever way."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("volume_error_ml", better="neither", unit="ml")
def volume_error_ml(pair: ClassPair) -> float:
    """|FP - FN| voxels in millilitres."""
    counts = pair.counts
    return abs(counts.fp - counts.fn) * counts.voxel_ml
