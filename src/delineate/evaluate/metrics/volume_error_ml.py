"""How far the predicted volume is from the true one, whichever way."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("volume_error_ml", better="neither", unit="ml")
def volume_error_ml(pair: ClassPair) -> float:
    """|FP - FN| voxels in millilitres.

    Unit: ml.
    Range: 0 to the volume of the image.
    Better: describes and does not rank (a wrong mask of the right size has none).
    Empty masks: the formula (both empty: 0, left out of the mean).
    Paper: Taha and Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 2015.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        voxels of 1 x 1 x 1 mm: 0.001 ml each
        FP 1, FN 2
        |1 - 2| x 0.001 = 0.001
    """
    counts = pair.counts
    return abs(counts.fp - counts.fn) * counts.voxel_ml
