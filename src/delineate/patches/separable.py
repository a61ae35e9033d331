"""One small matrix per axis: how smoothing and upsampling are done without large kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray


def along_axes(x: torch.Tensor, matrices: Mapping[int, NDArray[np.float32]]) -> torch.Tensor:
    """Apply a matrix ``[new size, old size]`` along each named axis of ``x``."""
    for axis, matrix in matrices.items():
        weights = torch.as_tensor(matrix, dtype=x.dtype, device=x.device)
        x = (x.movedim(axis, -1) @ weights.T).movedim(-1, axis)
    return x.contiguous()


def smoothing_matrix(size: int, sigma: float) -> NDArray[np.float32]:
    """Gaussian smoothing of ``size`` samples with ``sigma`` in samples; the border value goes on outside."""
    radius = max(1, int(np.ceil(3 * sigma)))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    rows = np.arange(size)[:, None]
    matrix = np.zeros((size, size))
    columns = np.clip(rows + np.arange(-radius, radius + 1), 0, size - 1)
    np.add.at(matrix, (np.broadcast_to(rows, columns.shape), columns), taps / taps.sum())
    return matrix.astype(np.float32)


def spline_matrix(size: int, cells: int) -> NDArray[np.float32]:
    """Cubic B-spline from ``cells + 3`` control values to ``size`` samples spread over the cells; rows sum to one."""
    place = (np.arange(size) + 0.5) / size * cells
    cell = np.minimum(place.astype(int), cells - 1)
    t = place - cell
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    matrix = np.zeros((size, cells + 3))
    np.put_along_axis(matrix, cell[:, None] + np.arange(4), weights, axis=1)
    return matrix.astype(np.float32)


def spline_grid(control: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Values ``[b, *shape, d]`` of the cubic B-spline with control values ``[b, *points, d]``, d changing fastest.

    One matrix product along each axis; the last writes the values where they belong, so that a large grid passes
    through memory once.
    """
    batch, dims, values = len(control), len(shape), control.shape[-1]
    matrices = [
        torch.as_tensor(spline_matrix(n, control.shape[axis + 1] - 3), dtype=control.dtype, device=control.device)
        for axis, n in enumerate(shape)
    ]
    for axis in range(dims - 1):
        rest = control.flatten(0, axis).flatten(2)
        control = (matrices[axis] @ rest).reshape(batch, *shape[: axis + 1], *control.shape[axis + 2 :])
    apart = torch.eye(values, dtype=control.dtype, device=control.device)
    last = torch.kron(matrices[-1].T.contiguous(), apart)
    return (control.reshape(-1, len(last)) @ last).view(batch, *shape, values)
