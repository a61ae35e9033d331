"""The body: everything that is not the air around it, the table or padding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple_mm
from delineate.store.masks import MASKS, Bools, in_hu
from delineate.store.shapes import closed, convex, filled, large_parts, opened

_BODY_HU = -300.0
_TABLE_MM = 6.0
_GAP_MM = 6.0
_PART = 0.1
_ANY = float("inf")


@MASKS.register("body")
def body(channel_zyx: NDArray[np.float32], spacing_mm: Triple_mm) -> Bools:
    """Threshold (-300 HU, or between air and tissue by Otsu's method, IEEE TSMC 1979), an opening that cuts away sheets
    and tables, the connected parts of at least a tenth of the largest (arms stay), gaps and holes filled, lungs too.

    Without Hounsfield units dark tissue is not told from air, so that each axial slice is made convex.
    """
    hu = in_hu(channel_zyx)
    found = channel_zyx > (_BODY_HU if hu else _between(channel_zyx))
    whole = opened(found, _TABLE_MM, spacing_mm)
    parts = large_parts(whole if whole.any() else found, _PART)
    if not parts:
        return np.zeros(channel_zyx.shape, bool)
    mask = closed(np.logical_or.reduce(parts), _GAP_MM, spacing_mm)
    return filled(mask if hu else convex(mask, _ANY))


def _between(channel_zyx: NDArray[np.float32]) -> float:
    """Half way from the dark to Otsu's threshold: the threshold itself parts bright tissue from dark."""
    low, high = (float(p) for p in np.percentile(channel_zyx, (1, 99.5)))
    if high <= low:
        return low
    return low + (otsu_threshold(np.clip(channel_zyx, low, high)) - low) / 2


def otsu_threshold(values: NDArray[np.float32], bins: int = 256) -> float:
    """The threshold that parts the histogram into two classes of the largest variance between them."""
    counts, edges = np.histogram(values, bins)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(np.float64)
    above = counts.sum() - below
    sums = np.cumsum(counts * centres)
    fair = (below > 0) & (above > 0)
    means = sums[:-1] / np.maximum(below, 1), (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    between = np.where(fair, below * above * np.square(means[0] - means[1]), -1)
    return float(edges[1 + int(np.argmax(between))])
