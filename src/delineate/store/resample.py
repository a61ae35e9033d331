"""Resampling on grids whose outer voxel faces coincide, one axis after the other.

A spline of a regular grid is a product of one spline per axis, so each axis is one small matrix and resampling is
three matrix products: the numbers of `scipy.ndimage.zoom` (``grid_mode``), many times faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple

Array = NDArray[np.float32]


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
    single: Array = np.ascontiguousarray(matrix, dtype=np.float32)
    single.flags.writeable = False
    return single


def apply_weights(array_zyx: Array, matrices: Sequence[Array]) -> Array:
    """One matrix per axis, the axis that shrinks most first so that little is computed and held."""
    for axis in sorted(range(3), key=lambda a: matrices[a].shape[0] / matrices[a].shape[1]):
        matrix = matrices[axis]
        if matrix.shape[0] != matrix.shape[1] or not _is_identity(matrix):
            array_zyx = _along(array_zyx, matrix, axis)
    return array_zyx


def resample_image(array_zyx: NDArray[Any], shape: Triple, slicewise: bool = False) -> Array:
    """One channel as float32 ``[*shape]`` by cubic splines; linear along axis 0 where ``slicewise``."""
    array = np.ascontiguousarray(array_zyx, dtype=np.float32)
    orders = (1 if slicewise else 3, 3, 3)
    return apply_weights(array, [weights(n, m, o) for n, m, o in zip(array.shape, shape, orders, strict=True)])


def resample_linear(array_zyx: NDArray[Any], shape: Triple) -> Array:
    """Linear interpolation, float32 ``[*shape]``."""
    array = np.ascontiguousarray(array_zyx, dtype=np.float32)
    return apply_weights(array, [weights(n, m, 1) for n, m in zip(array.shape, shape, strict=True)])


def resample_ids(ids_zyx: NDArray[Any], shape: Triple) -> NDArray[Any]:
    """Integer labels ``[*shape]``: the id whose linearly resampled mask is largest; the lower id where two are equal.

    One id is looked at at a time, and only within its own box.
    """
    if ids_zyx.shape == shape:
        return np.array(ids_zyx, order="C")
    matrices = [weights(n, m, 1) for n, m in zip(ids_zyx.shape, shape, strict=True)]
    out = np.zeros(shape, ids_zyx.dtype)
    best = resample_linear(ids_zyx == 0, shape)
    for i, box in _boxes(ids_zyx):
        spans = [_reach(matrix, part) for matrix, part in zip(matrices, box, strict=True)]
        inner = [matrix[span, part] for matrix, span, part in zip(matrices, spans, box, strict=True)]
        share = apply_weights((ids_zyx[box] == i).astype(np.float32), inner)
        where = tuple(spans)
        better = share > best[where] + 1e-6
        out[where][better] = i
        best[where][better] = share[better]
    return out


def _along(array_zyx: Array, matrix: Array, axis: int) -> Array:
    if axis == 0:
        flat = matrix @ array_zyx.reshape(array_zyx.shape[0], -1)
        return flat.reshape(matrix.shape[0], *array_zyx.shape[1:])
    if axis == 1:
        return np.matmul(matrix, array_zyx)
    flat = array_zyx.reshape(-1, array_zyx.shape[2]) @ matrix.T
    return flat.reshape(*array_zyx.shape[:2], matrix.shape[0])


def _is_identity(matrix: Array) -> bool:
    return bool((np.diagonal(matrix) == 1).all() and np.count_nonzero(matrix) == len(matrix))


def _boxes(ids_zyx: NDArray[Any]) -> list[tuple[int, tuple[slice, slice, slice]]]:
    """Every id but 0 with the box that holds it."""
    from scipy.ndimage import find_objects

    return [(i, box) for i, box in enumerate(find_objects(ids_zyx), 1) if box is not None]


def _reach(matrix: Array, part: slice) -> slice:
    """The new samples that the old ones in ``part`` touch."""
    touched = np.flatnonzero(np.any(matrix[:, part] != 0, axis=1))
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 0)
