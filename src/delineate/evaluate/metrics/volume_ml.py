"""The volume of the prediction."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("volume_ml", better="neither", unit="ml")
def volume_ml(pair: ClassPair) -> float:
    """(TP + FP) voxels in millilitres.

    Unit: ml.
    Range: 0 to the volume of the image.
    Better: describes and does not rank.
    Empty masks: the formula (both empty: 0, left out of the mean).
    Paper: Taha and Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 2015.

    Example:

        truth   prediction
        ....    ....
        .##.    ..##
        .##.    ..#.
        ....    ....
        voxels of 1 x 1 x 1 mm: 0.001 ml each
        TP 2, FP 1
        (2 + 1) x 0.001 = 0.003
    """
    counts = pair.counts
    return counts.predicted * counts.voxel_ml
