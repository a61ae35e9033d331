"""Shapes of masks: opened, closed, parted, filled, made convex. For the coarse grids that masks are computed on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple_mm

Bools = NDArray[np.bool_]


def ball(radius_mm: float, spacing_mm: Triple_mm) -> Bools:
    """A ball as a structuring element of whole voxels."""
    reach = [int(radius_mm / s) for s in spacing_mm]
    grid = np.meshgrid(*[np.arange(-r, r + 1) * s for r, s in zip(reach, spacing_mm, strict=True)], indexing="ij")
    inside: Bools = sum(np.square(g) for g in grid) <= radius_mm**2
    return inside


def opened(mask_zyx: Bools, radius_mm: float, spacing_mm: Triple_mm) -> Bools:
    """Without what is thinner than the ball; what the edge of the scan cuts off counts as going on beyond it."""
    from scipy.ndimage import binary_dilation, binary_erosion

    element = ball(radius_mm, spacing_mm)
    eroded = binary_erosion(mask_zyx, element, border_value=1)
    return np.asarray(binary_dilation(eroded, element)) & mask_zyx


def closed(mask_zyx: Bools, radius_mm: float, spacing_mm: Triple_mm) -> Bools:
    """With gaps narrower than the ball filled."""
    from scipy.ndimage import binary_dilation, binary_erosion

    element = ball(radius_mm, spacing_mm)
    return np.asarray(binary_erosion(binary_dilation(mask_zyx, element), element, border_value=1)) | mask_zyx


def large_parts(mask_zyx: Bools, share: float) -> list[Bools]:
    """The connected parts (by faces) of at least ``share`` of the largest one's size, largest first."""
    import cc3d

    ids = cc3d.connected_components(mask_zyx.view(np.uint8), connectivity=6)  # as bytes: see `dataset.components`
    sizes = np.bincount(ids.reshape(-1))[1:]
    order = np.argsort(-sizes, kind="stable")
    return [ids == i + 1 for i in order if sizes[i] >= share * sizes[order[0]]]


def filled(mask_zyx: Bools) -> Bools:
    """Holes filled slice by slice along each axis: airways that open at the edge of the scan are closed as well."""
    from scipy.ndimage import binary_fill_holes

    out = mask_zyx.copy()
    for axis in range(3):
        if min(n for a, n in enumerate(mask_zyx.shape) if a != axis) < 3:
            continue
        slices, found = np.moveaxis(mask_zyx, axis, 0), np.moveaxis(out, axis, 0)
        for n, plane in enumerate(slices):
            found[n] |= binary_fill_holes(plane)
    return out


def convex(mask_zyx: Bools, growth: float) -> Bools:
    """Each connected part of each slice along axis 0 made convex, unless it would be over ``growth`` times as large."""
    from scipy.ndimage import find_objects, label

    out = mask_zyx.copy()
    for plane, found in zip(mask_zyx, out, strict=True):
        parts, _ = label(plane)
        for i, box in enumerate(find_objects(parts), 1):
            part = parts[box] == i
            hull = _hull(part)
            if hull.sum() <= growth * part.sum():
                found[box] |= hull
    return out


def _hull(part_yx: Bools) -> Bools:
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(np.argwhere(part_yx))
    except (QhullError, ValueError):  # too few points, or all in one line
        return part_yx
    grid = np.moveaxis(np.indices(part_yx.shape), 0, -1)
    inside: Bools = np.all(grid @ hull.equations[:, :2].T + hull.equations[:, 2] <= 1e-9, axis=-1)
    return inside
