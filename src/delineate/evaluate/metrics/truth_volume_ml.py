"""The volume of the truth."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("truth_volume_ml", better="neither", unit="ml")
def truth_volume_ml(pair: ClassPair) -> float:
    """(TP + FN) voxels in millilitres.

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
        TP 2, FN 2
        (2 + 2) x 0.001 = 0.004
    """
    counts = pair.counts
    return counts.true * counts.voxel_ml
