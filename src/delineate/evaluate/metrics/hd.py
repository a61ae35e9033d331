"""The Hausdorff distance: the worst place of either surface; one stray voxel decides it."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("hd", better="lower", unit="mm", needs_masks=True)
def hd(pair: ClassPair) -> float:
    """The largest distance from a patch of either surface to the other surface.

    Unit: mm.
    Range: 0 to the diagonal of the image.
    Better: lower.
    Empty masks: both empty 0 and left out of the mean; one empty: the diagonal of the image.
    Paper: Huttenlocher et al., Comparing images using the Hausdorff distance, IEEE TPAMI 1993.

    Example:

        truth   prediction
        #...    #...
        ....    .#..
        ....    ....
        ....    ....
        pixels of 1 x 1 mm
        the far corner of the prediction is one pixel right of and one below the truth's nearest
        sqrt(1^2 + 1^2) = 1.4142
    """
    return float(max(pair.surfaces.truth.mm[-1], pair.surfaces.prediction.mm[-1]))
