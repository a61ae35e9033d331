"""The average symmetric surface distance."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("assd", better="lower", unit="mm", needs_masks=True)
def assd(pair: ClassPair) -> float:
    """The mean distance over both surfaces together, by area.

    Surfaces and areas are those of surface-distance (see `evaluate.surface`). MONAI and MedPy weigh every surface voxel
    alike.

    Unit: mm.
    Range: 0 to the diagonal of the image.
    Better: lower.
    Empty masks: both empty 0 and left out of the mean; one empty: the diagonal of the image.
    Paper: Heimann et al., Comparison and evaluation of methods for liver segmentation from CT, IEEE TMI 2009.

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
        (0 + 1.4142 x 1) / (2.8284 + 4.8284) = 0.1847
    """
    truth, prediction = pair.surfaces.truth, pair.surfaces.prediction
    together = truth.mean_mm * truth.total + prediction.mean_mm * prediction.total
    return together / (truth.total + prediction.total)
