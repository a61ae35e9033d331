"""The lungs on CT, by their air."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple_mm
from delineate.store.masks import MASKS, Bools, in_hu
from delineate.store.masks.body import body
from delineate.store.shapes import closed, convex, filled, large_parts

_AIR_HU = -400.0
_GAS_HU = -975.0
_PART = 0.1
_LEAST_ML = 20.0
_VESSEL_MM = 5.0
_GROWTH = 1.3


@MASKS.register("lung")
def lung(channel_zyx: NDArray[np.float32], spacing_mm: Triple_mm) -> Bools:
    """Voxels below -400 HU within the filled body, in connected parts of at least a tenth of the largest and 20 ml;
    without the gas of stomach and bowel, a fifth of which is as empty as air. In each axial slice made convex, to take
    in vessels and nodules at the border, unless that would take in the heart (an outline after Liao et al., IEEE TNNLS
    2019). Nothing where the numbers are not Hounsfield units or no part is like that.
    """
    out = np.zeros(channel_zyx.shape, bool)
    if not in_hu(channel_zyx):
        return out
    least = _LEAST_ML * 1000 / float(np.prod(spacing_mm))
    for part in large_parts((channel_zyx < _AIR_HU) & body(channel_zyx, spacing_mm), _PART):
        if part.sum() >= least and np.percentile(channel_zyx[part], 20) > _GAS_HU:
            out |= part
    return filled(closed(convex(out, _GROWTH), _VESSEL_MM, spacing_mm)) if out.any() else out
