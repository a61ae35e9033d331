"""The box that holds the body: skull-stripped and padded scans are mostly zeros nobody needs to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Geometry, Triple

WORTH_CROPPING = 0.1
"""The share of zeros from which a scan counts as padded; below it (CT, ordinary MR) the whole grid is kept."""

Box = tuple[Triple, Triple]
"""Start and shape, (z, y, x)."""


def nonzero_box(array_czyx: NDArray[Any]) -> Box:
    """The smallest box around the voxels that are not zero in some channel (nnU-Net's crop); all of an empty array."""
    return box_of_profiles(nonzero_profiles(array_czyx))


def nonzero_profiles(array_czyx: NDArray[Any]) -> tuple[NDArray[np.bool_], ...]:
    """For z, y and x: which planes hold a voxel that is not zero in some channel."""
    z, y, x = (np.zeros(n, bool) for n in array_czyx.shape[1:])
    for channel in array_czyx:
        for k, plane in enumerate(channel):  # plane by plane: no second volume in memory
            there = plane != 0
            rows = there.any(axis=1)
            z[k] |= bool(rows.any())
            y |= rows
            x |= there.any(axis=0)
    return z, y, x


def box_of_profiles(profiles: tuple[NDArray[np.bool_], ...]) -> Box:
    """The box from the first to the last marked plane of each axis; the whole grid where nothing is marked."""
    spans = []
    for profile in profiles:
        marked = np.flatnonzero(profile)
        spans.append((int(marked[0]), int(marked[-1]) + 1) if marked.size else (0, profile.size))
    (a, b), (c, d), (e, f) = spans
    return (a, c, e), (b - a, d - c, f - e)


def canonical_box(box: Box, geometry: Geometry) -> Box:
    """The same box after the array was turned to z up, y back, x left (`Geometry.closest_axes`)."""
    return turned_box(box, geometry.shape, *geometry.closest_axes())


def turned_box(box: Box, grid: Triple, axes: Triple, flips: tuple[bool, bool, bool]) -> Box:
    """The same box after an array of shape ``grid`` was transposed by ``axes`` and then flipped where marked."""
    start, shape = box
    z, y, x = (grid[a] - start[a] - shape[a] if flip else start[a] for a, flip in zip(axes, flips, strict=True))
    return (z, y, x), (shape[axes[0]], shape[axes[1]], shape[axes[2]])


def joined_box(a: Box, b: Box) -> Box:
    """The smallest box around two."""
    start = [min(s, t) for s, t in zip(a[0], b[0], strict=True)]
    ends = [max(s + n, t + m) for s, n, t, m in zip(*a, *b, strict=True)]
    z, y, x = start
    d, h, w = (e - s for s, e in zip(start, ends, strict=True))
    return (z, y, x), (d, h, w)
