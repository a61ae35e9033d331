"""The Hausdorff distance with the worst twentieth of either surface forgiven."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("hd95", better="lower", unit="mm", needs_masks=True)
def hd95(pair: ClassPair) -> float:
    """The larger of two distances: that which 95 % of the truth's surface area does not exceed, and the prediction's.

    Surfaces and areas are those of surface-distance (see `evaluate.surface`). MONAI differs: its surface is the voxels
    of the mask that touch the background, each weighs alike, the percentile is interpolated, and it gives nan or inf
    where a mask is empty.

    Unit: mm.
    Range: 0 to the diagonal of the image.
    Better: lower.
    Empty masks: both empty 0 and left out of the mean; one empty: the diagonal of the image.
    Paper: Nikolov et al., Clinically Applicable Segmentation of Head and Neck Anatomy, JMIR 2021.
    """
    return max(pair.surfaces.truth.quantile_mm(0.95), pair.surfaces.prediction.quantile_mm(0.95))
