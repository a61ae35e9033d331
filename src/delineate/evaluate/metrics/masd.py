"""The mean average surface distance: both surfaces count alike, however large each is."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("masd", better="lower", unit="mm", needs_masks=True)
def masd(pair: ClassPair) -> float:
    """The mean of two means by area: from the truth to the prediction, and back.

    Surfaces and areas are those of surface-distance (see `evaluate.surface`).

    Unit: mm.
    Range: 0 to the diagonal of the image.
    Better: lower.
    Empty masks: both empty 0 and left out of the mean; one empty: the diagonal of the image.
    Paper: Maier-Hein et al., Metrics reloaded, Nature Methods 2024.

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
        (0 / 2.8284 + 1.4142 x 1 / 4.8284) / 2 = 0.1464
    """
    return (pair.surfaces.truth.mean_mm + pair.surfaces.prediction.mean_mm) / 2
