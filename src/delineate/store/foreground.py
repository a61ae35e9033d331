"""Where the classes of a case lie: a sample of voxel coordinates per id, for drawing patches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIMIT = 20_000
_SLAB_VOXELS = 1 << 22


def sample_foreground(label_zyx: NDArray[Any], ignore_id: int | None, limit: int = LIMIT) -> NDArray[np.int32]:
    """Rows ``[id, z, y, x]`` of up to ``limit`` voxels per id, drawn without replacement by a fixed seed and sorted by
    id and place. Background and unlabelled voxels are left out."""
    from scipy.ndimage import find_objects

    rows = [np.empty((0, 4), np.int32)]
    for i, box in enumerate(find_objects(label_zyx), 1):
        if box is None or i == ignore_id:
            continue
        places = _sample_mask(label_zyx[box], i, limit) + [b.start for b in box]
        rows.append(np.column_stack([np.full(len(places), i), places]).astype(np.int32))
    return np.concatenate(rows)


def _sample_mask(part_zyx: NDArray[Any], i: int, limit: int) -> NDArray[np.int64]:
    """Coordinates ``[n, 3]`` of voxels equal to ``i``: all of them, or ``limit`` of them."""
    count = sum(int(np.count_nonzero(slab == i)) for _, slab in _slabs(part_zyx))
    chosen = np.arange(count)
    if count > limit:
        chosen = np.sort(np.random.default_rng([i, count]).choice(count, limit, replace=False, shuffle=False))
    found, seen = [], 0
    for first, slab in _slabs(part_zyx):
        flat = np.flatnonzero(slab == i)
        here = chosen[np.searchsorted(chosen, seen) : np.searchsorted(chosen, seen + len(flat))] - seen
        z, y, x = np.unravel_index(flat[here], slab.shape)
        found.append(np.column_stack([z + first, y, x]))
        seen += len(flat)
    return np.concatenate(found)


def _slabs(part_zyx: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    step = max(1, _SLAB_VOXELS // (part_zyx.shape[1] * part_zyx.shape[2]))
    for first in range(0, len(part_zyx), step):
        yield first, part_zyx[first : first + step]
