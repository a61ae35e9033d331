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

    Example:

        truth   prediction
        ....    ....
        .#..    .##.
        ....    ....
        ....    ....
        pixels of 1 x 1 mm
        a contour has pieces between its pixels: of sqrt(1/2) mm at a corner, of 1 mm along a side
        truth 4 corners, 2.8284 mm; prediction 4 corners and 2 sides, 4.8284 mm
        only the two right corners of the prediction, 1.4142 mm, are off: by 1 mm
        that is 29 % of its contour, more than 5 %: it counts, and the truth is nowhere off
        max(0, 1) = 1
    """
    return max(pair.surfaces.truth.quantile_mm(0.95), pair.surfaces.prediction.quantile_mm(0.95))
