"""Rotation, scaling and elastic deformation as one resampling of image and label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.separable import along_axes, spline_matrix

CELLS = 3
"""Cells of the elastic control grid along an axis: few, since organs bend smoothly."""


@dataclass(frozen=True)
class SpatialParams:
    """``matrix`` maps an offset from the patch centre, in voxels, to where it is looked up (array order).

    ``elastic`` is the largest displacement as a share of the largest that cannot fold; 0 for none. ``elastic_seed``
    draws the control points; ``free_axes`` are those along which they move.
    """

    matrix: tuple[tuple[float, ...], ...]
    elastic: float
    elastic_seed: int
    free_axes: tuple[int, ...]


@AUGMENTATIONS.register("spatial")
class Spatial:
    """Rotation about the patch centre in millimetres, scaling, and a cubic B-spline deformation
    (Rueckert et al., 1999)."""

    order = 10

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> SpatialParams | None:
        """Affine with probability ``affine`` (angles uniform, scale log-uniform), elastic with its own."""
        knobs = settings.knobs
        affine, elastic = rng.random() < knobs.affine, rng.random() < knobs.elastic
        if not (affine or elastic):
            return None
        matrix = _affine(rng, settings) if affine else np.eye(settings.dims)
        return SpatialParams(
            matrix=tuple(tuple(float(v) for v in row) for row in matrix),
            elastic=float(rng.uniform(0.3, 0.9)) if elastic else 0.0,
            elastic_seed=int(rng.integers(2**31)),
            free_axes=settings.free_axes,
        )

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[SpatialParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One grid for image (linear) and label (nearest); outside the patch its border goes on, for both alike."""
        touched = [i for i, p in enumerate(params) if p is not None]
        grid = sampling_grid([p for p in params if p is not None], image_bcx.shape[2:], image_bcx.device)
        image_bcx[touched] = F.grid_sample(
            image_bcx[touched], grid, mode="bilinear", padding_mode="border", align_corners=False
        )
        # ids reach 65535 and float32 is exact up to 2**24
        ids = label_bx[touched].unsqueeze(1).float()
        ids = F.grid_sample(ids, grid, mode="nearest", padding_mode="border", align_corners=False)
        label_bx[touched] = ids.squeeze(1).to(label_bx.dtype)
        return image_bcx, label_bx


def sampling_grid(params: Sequence[SpatialParams], shape: Sequence[int], device: torch.device) -> torch.Tensor:
    """Where each voxel is looked up, as ``grid_sample`` wants it: ``[b, *x, dims]``, x first, -1 to 1 over the patch.

    A voxel is moved by the elastic field first and by the matrix afterwards. The matrix is invertible and the field
    moves neighbours by less than their distance, so the whole never folds.
    """
    half = np.asarray(shape, dtype=float) / 2
    linear = np.stack([np.asarray(p.matrix) * half / half[:, None] for p in params])[:, ::-1, ::-1]
    theta = np.concatenate([linear, np.zeros((len(params), len(shape), 1))], axis=2)
    matrix = torch.as_tensor(theta, dtype=torch.float32, device=device)
    grid = F.affine_grid(matrix, [len(params), 1, *shape], align_corners=False)
    for i, p in enumerate(params):
        if p.elastic > 0:
            field = _field(p, shape, device)
            grid[i] += field @ matrix[i, :, :-1].T
    return grid


def fold_limit_voxels(shape: Sequence[int], axes: Sequence[int]) -> float:
    """The control displacement at which a B-spline field could first fold.

    Control points differ by at most twice the displacement A, so the field's slope along axis j is at most 2A / h_j
    with cells of h_j voxels; rows of its Jacobian stay below one in sum while A < 1 / sum_j(2 / h_j).
    """
    return 1.0 / sum(2.0 * CELLS / shape[axis] for axis in axes)


def _field(p: SpatialParams, shape: Sequence[int], device: torch.device) -> torch.Tensor:
    """The displacement of every voxel ``[*x, dims]`` in units of half a patch, x first."""
    dims = len(shape)
    limit = p.elastic * fold_limit_voxels(shape, p.free_axes)
    control = np.random.default_rng(p.elastic_seed).uniform(-limit, limit, (dims, *[CELLS + 3] * dims))
    for axis in set(range(dims)) - set(p.free_axes):
        control[axis] = 0
        control[:] = control.take([0], axis=axis + 1)  # slices move alike
    control /= np.asarray(shape).reshape(-1, *[1] * dims) / 2
    voxels = along_axes(
        torch.as_tensor(control[::-1].copy(), dtype=torch.float32, device=device),
        {axis + 1: spline_matrix(n, CELLS) for axis, n in enumerate(shape)},
    )
    return voxels.movedim(0, -1)


def _affine(rng: np.random.Generator, settings: AugmentSettings) -> NDArray[np.float64]:
    """Rotation in millimetres and scaling, as a map of voxel offsets from output to input."""
    free = settings.free_axes
    limit = np.radians(settings.knobs.rotation_degrees)
    rotation = np.eye(settings.dims)
    for a, b in [(a, b) for a in free for b in free if a < b]:
        rotation = rotation @ _rotation(settings.dims, a, b, rng.uniform(-limit, limit))
    low, high = np.log(settings.knobs.scale)
    shrink = np.ones(settings.dims)
    shrink[list(free)] = np.exp(-rng.uniform(low, high))
    spacing = np.asarray(settings.spacing_mm)
    return rotation * shrink * spacing / spacing[:, None]


def _rotation(dims: int, a: int, b: int, angle: float) -> NDArray[np.float64]:
    matrix = np.eye(dims)
    matrix[[a, a, b, b], [a, b, a, b]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
    return matrix
