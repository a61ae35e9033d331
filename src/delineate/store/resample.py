"""Resampling on grids whose outer voxel faces coincide, one axis after the other.

A spline of a regular grid is a product of one spline per axis, so each axis is one small matrix and resampling is
three matrix products: the numbers of `scipy.ndimage.zoom` (``grid_mode``), many times faster. The matrices are bands,
since a sample far away weighs nothing, and are multiplied block by block along the band.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple

Array = NDArray[np.float32]
Box = tuple[slice, slice, slice]

_NOTHING = 1e-7
"""Weights below this are left out: float32 does not resolve them."""
_ROWS = 32
_SLAB_VOXELS = 1 << 22
_EQUAL = 1e-6


@lru_cache(maxsize=32)
def weights(size: int, new_size: int, order: int) -> Array:
    """``[new_size, size]``: each new sample as a weighted sum of the old ones; beyond the outermost centres the edge
    value goes on. Read-only."""
    from scipy.ndimage import zoom

    if size == new_size:
        matrix = np.eye(size)
    elif size == 1:
        matrix = np.ones((new_size, 1))
    else:
        matrix = zoom(np.eye(size), (new_size / size, 1), order=order, mode="nearest", grid_mode=True, prefilter=True)
    matrix[np.abs(matrix) < _NOTHING] = 0
    single: Array = np.ascontiguousarray(matrix, dtype=np.float32)
    single.flags.writeable = False
    return single


def apply_weights(array_zyx: NDArray[Any], matrices: Sequence[Array]) -> Array:
    """One matrix per axis. Slabs of slices are taken in turn, so that of an array that shrinks nothing of its full
    size is made; the input itself where nothing changes."""
    changes = [not _is_identity(m) for m in matrices]
    if not any(changes):
        return _single(array_zyx)
    ratios = [m.shape[0] / m.shape[1] for m in matrices]
    inner = sorted((a for a in (1, 2) if changes[a]), key=ratios.__getitem__)
    shape = tuple(len(m) for m in matrices)
    if changes[0] and (not inner or ratios[0] <= ratios[inner[0]]):
        out = np.empty(shape, np.float32)
        for rows, columns in _blocks(matrices[0], _rows(array_zyx)):
            slab = _along(_single(array_zyx[columns]), matrices[0][rows, columns], 0)
            out[rows] = _in_plane(slab, matrices, inner)
        return out
    half_way = np.empty((len(array_zyx), *shape[1:]), np.float32)
    step = _rows(array_zyx)
    for first in range(0, len(array_zyx), step):
        slab = _single(array_zyx[first : first + step])
        half_way[first : first + step] = _in_plane(slab, matrices, inner)
    return _along(half_way, matrices[0], 0) if changes[0] else half_way


def resample_image(array_zyx: NDArray[Any], shape: Triple, slicewise: bool = False) -> Array:
    """One channel of any type and layout as float32 ``[*shape]`` by cubic splines; linear along axis 0 where
    ``slicewise``. Not a copy where nothing changes."""
    orders = (1 if slicewise else 3, 3, 3)
    return apply_weights(array_zyx, [weights(n, m, o) for n, m, o in zip(array_zyx.shape, shape, orders, strict=True)])


def resample_linear(array_zyx: NDArray[Any], shape: Triple) -> Array:
    """Linear interpolation, float32 ``[*shape]``."""
    return apply_weights(array_zyx, [weights(n, m, 1) for n, m in zip(array_zyx.shape, shape, strict=True)])


def resample_ids(ids_zyx: NDArray[Any], shape: Triple) -> NDArray[Any]:
    """Integer labels ``[*shape]``: the id whose linearly resampled mask is largest; the lower id where two are equal.

    Slab by slab; one id is looked at at a time, and only within its own box.
    """
    if ids_zyx.shape == shape:
        return np.array(ids_zyx, order="C")
    matrices = [weights(n, m, 1) for n, m in zip(ids_zyx.shape, shape, strict=True)]
    out = np.zeros(shape, ids_zyx.dtype)
    step = max(1, _SLAB_VOXELS // (shape[1] * shape[2]))
    for rows, columns in _blocks(matrices[0], step):
        part = np.ascontiguousarray(ids_zyx[columns])
        _slab_ids(part, (matrices[0][rows, columns], *matrices[1:]), out[rows])
    return out


def _slab_ids(ids_zyx: NDArray[Any], matrices: Sequence[Array], out_zyx: NDArray[Any]) -> None:
    """Fill ``out_zyx`` (zeros). The shares of all ids sum to 1, so the background's is what the others leave."""
    best, total = np.zeros(out_zyx.shape, np.float32), np.zeros(out_zyx.shape, np.float32)
    touched = []
    for i, box in _boxes(ids_zyx):
        where: Any = tuple(_reach(matrix, part) for matrix, part in zip(matrices, box, strict=True))
        inner = [matrix[span, part] for matrix, span, part in zip(matrices, where, box, strict=True)]
        share = apply_weights(ids_zyx[box] == i, inner)
        better = share > best[where] + _EQUAL
        np.copyto(out_zyx[where], i, where=better, casting="unsafe")
        np.copyto(best[where], share, where=better)
        total[where] += share
        touched.append(where)
    for where in touched:
        out_zyx[where][best[where] <= 1 - total[where] + _EQUAL] = 0


def _in_plane(slab_zyx: Array, matrices: Sequence[Array], axes: Sequence[int]) -> Array:
    for axis in axes:
        slab_zyx = _along(slab_zyx, matrices[axis], axis)
    return slab_zyx


def _along(array_zyx: Array, matrix: Array, axis: int) -> Array:
    shape = list(array_zyx.shape)
    shape[axis] = len(matrix)
    out = np.empty(shape, np.float32)
    for rows, columns in _blocks(matrix, _ROWS):
        part = matrix[rows, columns]
        if axis == 0:
            flat = array_zyx[columns].reshape(part.shape[1], -1)
            np.matmul(part, flat, out=out[rows].reshape(len(part), -1))
        elif axis == 1:
            np.matmul(part, array_zyx[:, columns], out=out[:, rows])
        else:
            flat = array_zyx.reshape(-1, array_zyx.shape[2])[:, columns]
            np.matmul(flat, part.T, out=out.reshape(-1, len(matrix))[:, rows])
    return out


def _blocks(matrix: Array, step: int) -> Iterator[tuple[slice, slice]]:
    """Consecutive rows of a band, and the columns in which they are not 0."""
    for first in range(0, len(matrix), step):
        rows = slice(first, min(first + step, len(matrix)))
        touched = np.flatnonzero(matrix[rows].any(axis=0))
        yield rows, (slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 1))


def _rows(array_zyx: NDArray[Any]) -> int:
    return max(1, _SLAB_VOXELS // (array_zyx.shape[1] * array_zyx.shape[2]))


def _single(array_zyx: NDArray[Any]) -> Array:
    return np.ascontiguousarray(array_zyx, dtype=np.float32)


def _is_identity(matrix: Array) -> bool:
    square = matrix.shape[0] == matrix.shape[1]
    return square and bool((np.diagonal(matrix) == 1).all() and np.count_nonzero(matrix) == len(matrix))


def _boxes(ids_zyx: NDArray[Any]) -> list[tuple[int, Box]]:
    """Every id but 0 with the box that holds it."""
    from scipy.ndimage import find_objects

    return [(i, box) for i, box in enumerate(find_objects(ids_zyx), 1) if box is not None]


def _reach(matrix: Array, part: slice) -> slice:
    """The new samples that the old ones in ``part`` touch."""
    touched = np.flatnonzero(np.any(matrix[:, part] != 0, axis=1))
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 0)
