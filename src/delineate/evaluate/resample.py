"""A predicted mask brought to the grid of its truth, wherever the two lie in the world."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry

_SAME = 1e-6
"""Voxels: how far rounding may put a centre from a border between two voxels."""


def resample_nearest(ids_zyx: NDArray[Any], source: Geometry, target: Geometry) -> NDArray[Any]:
    """The ids on ``target``: each voxel takes the id of the nearest voxel of ``source``, and 0 outside of it.

    Of two voxels equally near the one with the higher index is taken, as SimpleITK does. Plane by plane: beside the
    result only planes of coordinates are made.

    Raises:
        GeometryError: the two grids do not even touch.
    """
    step = np.linalg.inv(source.affine) @ target.affine  # index on the target -> index on the source
    planes = np.arange(target.shape[1])[:, None], np.arange(target.shape[2])[None, :]
    out = np.zeros(target.shape, ids_zyx.dtype)
    touched = False
    for z in range(target.shape[0]):
        index, inside = [], np.ones(target.shape[1:], bool)
        for axis, size in enumerate(source.shape):
            row = step[axis]
            place = row[0] * z + row[1] * planes[0] + row[2] * planes[1] + row[3]
            nearest = np.floor(place + 0.5 + _SAME).astype(np.intp)
            inside &= (nearest >= 0) & (nearest < size)
            index.append(nearest)
        touched |= bool(inside.any())
        out[z][inside] = ids_zyx[tuple(i[inside] for i in index)]
    if not touched:
        raise GeometryError(
            "the grids of prediction and truth do not overlap at all", "masks of the same body", "check the headers"
        )
    return out
