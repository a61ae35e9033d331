"""Whether masks lie where the images have their edges: moved by a few voxels, do they fit better?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple

REACH = 4
"""Voxels that a mask is moved each way along each axis."""


@dataclass(frozen=True)
class Alignment:
    """``shift`` (z, y, x) is by how many voxels the mask of a case would have to be moved to fit best, along one axis;
    ``gain`` how many times as strong the edges of the image are there."""

    case: str
    shift: Triple
    gain: float


def align(case: str, image_zyx: NDArray[Any], mask_zyx: NDArray[np.bool_]) -> Alignment | None:
    """Try all shifts along one axis; None of a mask without a boundary.

    ``image_zyx`` reaches `REACH` voxels further than ``mask_zyx`` on all sides.
    """
    here = edge_contrast(image_zyx, mask_zyx, (0, 0, 0))
    if here is None:
        return None
    shifts = [_along(axis, by) for axis in range(3) for by in range(-REACH, REACH + 1) if by]
    found = {shift: edge_contrast(image_zyx, mask_zyx, shift) or 0.0 for shift in shifts}
    best = max(found, key=lambda shift: found[shift])
    if found[best] <= here:
        return Alignment(case, (0, 0, 0), 1.0)
    return Alignment(case, best, found[best] / max(here, 1e-12))


def edge_contrast(image_zyx: NDArray[Any], mask_zyx: NDArray[np.bool_], shift: Triple) -> float | None:
    """The mean step of intensity from voxel to voxel across the mask's boundary, the mask moved by ``shift``; None
    where there is no boundary inside."""
    window = tuple(slice(REACH + s, REACH + s + n) for s, n in zip(shift, mask_zyx.shape, strict=True))
    seen, total, count = image_zyx[window], 0.0, 0
    for axis in range(3):
        faces = np.diff(mask_zyx, axis=axis)
        total += float(np.abs(np.diff(seen, axis=axis))[faces].sum(dtype=np.float64))
        count += int(np.count_nonzero(faces))
    return total / count if count else None


def _along(axis: int, by: int) -> Triple:
    return (by * (axis == 0), by * (axis == 1), by * (axis == 2))
