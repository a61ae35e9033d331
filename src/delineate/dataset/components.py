"""Connected parts of a mask, counted slab by slab: memory stays small whatever the size of the scan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLAB_VOXELS = 1 << 22
"""Voxels numbered at a time; four bytes each."""

_MOST_VALUE = 1 << 16
"""Larger values number objects; a table of boxes by value would be as long."""


def count_parts(label_zyx: NDArray[Any], unions: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], int]:
    """How many connected parts the voxels of each union of file values form, each within its own box."""
    boxes = _boxes(label_zyx)
    return {union: count_components(_cut(label_zyx, union, boxes), union) for union in unions}


def count_components(label_zyx: NDArray[Any], values: tuple[int, ...], slab_voxels: int = SLAB_VOXELS) -> int:
    """Connected parts (by faces, edges or corners) of the voxels that hold one of ``values``.

    Each slab is numbered by itself; numbers that touch across the border of two slabs are one part.
    """
    import cc3d
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not label_zyx.size:
        return 0
    depth = max(1, slab_voxels // label_zyx[0].size)
    count, pairs, last = 0, [np.zeros((0, 2), np.int64)], None
    for start in range(0, len(label_zyx), depth):
        mask = _holds(label_zyx[start : start + depth], values)
        # as bytes: some flat arrays of booleans are numbered wrongly (seen with cc3d 4.1.1, 8 neighbours)
        numbers, here = cc3d.connected_components(mask.view(np.uint8), connectivity=26, return_N=True)
        first = np.where(numbers[0], numbers[0] + np.int64(count), 0)
        if last is not None:
            pairs.append(_touching(last, first))
        last = np.where(numbers[-1], numbers[-1] + np.int64(count), 0)
        count += int(here)
    ends = np.concatenate(pairs) - 1  # numbers begin at 1
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return int(connected_components(graph, directed=False, return_labels=False)) if len(ends) else count


def _holds(label_zyx: NDArray[Any], values: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = label_zyx == values[0]
    for value in values[1:]:
        mask |= label_zyx == value
    return mask


def _touching(below: NDArray[np.int64], above: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs ``[n, 2]`` of numbers in two neighbouring planes that meet by a face, an edge or a corner."""
    framed = np.pad(above, 1)
    height, width = below.shape
    found = []
    for dy, dx in product(range(3), repeat=2):
        other = framed[dy : dy + height, dx : dx + width]
        both = (below > 0) & (other > 0)
        found.append(np.unique(np.stack([below[both], other[both]], 1), axis=0))
    return np.unique(np.concatenate(found), axis=0)


def _boxes(label_zyx: NDArray[Any]) -> dict[int, tuple[slice, ...]] | None:
    """The box around each value above zero, found in one pass; None where the values are not fit for a table."""
    from scipy.ndimage import find_objects

    if not label_zyx.size or label_zyx.max() >= _MOST_VALUE or label_zyx.dtype.kind not in "iu":
        return None
    return {value: box for value, box in enumerate(find_objects(label_zyx), 1) if box is not None}


def _cut(label_zyx: NDArray[Any], union: tuple[int, ...], boxes: dict[int, tuple[slice, ...]] | None) -> NDArray[Any]:
    """The box around a union of values; the whole where a value of it has no box to look up."""
    if boxes is None or min(union) <= 0:
        return label_zyx
    there = [boxes[v] for v in union if v in boxes]
    if not there:
        return label_zyx[:0]
    axes = zip(*there, strict=True)
    return label_zyx[tuple(slice(min(s.start for s in a), max(s.stop for s in a)) for a in axes)]
