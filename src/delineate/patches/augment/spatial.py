"""Rotation, scaling and elastic deformation as one resampling of image and label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.rigid import draw_rotation, in_voxels
from delineate.patches.separable import spline_grid

CELLS = 3
"""Cells of the elastic control grid along an axis: few, since organs bend smoothly."""


@dataclass(frozen=True)
class SpatialParams:
    """``matrix`` maps an offset from the patch centre, in voxels, to where it is looked up (array order).

    ``elastic`` is the largest displacement as a share of the largest that cannot fold; 0 for none. ``elastic_seed``
    draws the control points; ``free_axes`` are those along which they move. ``offset`` is added before
    the matrix does anything, in shares of the patch; empty for none.
    """

    matrix: tuple[tuple[float, ...], ...]
    elastic: float
    elastic_seed: int
    free_axes: tuple[int, ...]
    offset: tuple[float, ...] = ()


@AUGMENTATIONS.register("spatial")
class Spatial:
    """Rotation about the patch centre in millimetres, scaling, and a cubic B-spline deformation
    (Rueckert et al., 1999)."""

    order = 10

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> SpatialParams | None:
        """Affine with probability ``affine`` (angles uniform, scale log-uniform), elastic with its own, and with
        ``crop_resize`` a box of 0.6 to 1 of each axis enlarged to the patch."""
        strength, crops = settings.strength, rng.spawn(1)[0]
        affine, elastic = rng.random() < strength.affine, rng.random() < strength.elastic
        crop = crops.random() < strength.crop_resize
        if not (affine or elastic or crop):
            return None
        matrix = _affine(rng, settings) if affine else np.eye(settings.dims)
        size, offset = _crop(crops, settings) if crop else (np.ones(settings.dims), ())
        return SpatialParams(
            matrix=tuple(tuple(float(v) for v in row) for row in matrix * size),
            elastic=float(rng.uniform(0.3, 0.9)) if elastic else 0.0,
            elastic_seed=int(rng.integers(2**31)),
            free_axes=settings.free_axes,
            offset=offset,
        )

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[SpatialParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One grid for image (linear) and label (nearest); outside the patch its border goes on, for both alike."""
        touched = [i for i, p in enumerate(params) if p is not None]
        image, shape = image_bcx[touched], image_bcx.shape[2:]
        ids = label_bx[touched].unsqueeze(1).float()  # ids reach 65535 and float32 is exact up to 2**24
        grid = sampling_grid([p for p in params if p is not None], shape, image.device)
        if grid.ndim - 2 < len(shape):  # slices that move alike are channels of one slice
            image, ids = image.flatten(1, 2), ids.flatten(1, 2)
        image = F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)
        ids = F.grid_sample(ids, grid, mode="nearest", padding_mode="border", align_corners=False)
        image_bcx[touched] = image.view(len(touched), -1, *shape)
        label_bx[touched] = ids.view(len(touched), *shape).to(label_bx.dtype)
        return image_bcx, label_bx


def sampling_grid(params: Sequence[SpatialParams], shape: Sequence[int], device: torch.device) -> torch.Tensor:
    """Where each voxel is looked up, as ``grid_sample`` wants it: ``[b, *x, dims]``, x first, -1 to 1 over the patch.

    Volumes whose slices are not mixed get the grid of one slice, ``[b, y, x, 2]``: it holds for all of them.

    A voxel is moved by the elastic field first and by the matrix afterwards. The matrix is invertible and the field
    moves neighbours by less than their distance, so the whole never folds.

    B-splines reproduce straight lines, so the matrix is applied to the few control points instead of to every voxel.
    """
    control = np.stack([_control(p, shape) for p in params])
    if len(shape) == 3 and not any(0 in p.free_axes for p in params):
        control, shape = control[:, 0, ..., :2], shape[1:]
    return spline_grid(torch.as_tensor(control, dtype=torch.float32, device=device), shape)


def fold_limit_voxels(shape: Sequence[int], axes: Sequence[int]) -> float:
    """The control displacement at which a B-spline field could first fold.

    Control points differ by at most twice the displacement A, so the field's slope along axis j is at most 2A / h_j
    with cells of h_j voxels; rows of its Jacobian stay below one in sum while A < 1 / sum_j(2 / h_j).
    """
    return 1.0 / sum(2.0 * CELLS / shape[axis] for axis in axes)


def _control(p: SpatialParams, shape: Sequence[int]) -> NDArray[np.float64]:
    """Where the control points are looked up ``[*points, dims]``, in units of half a patch, x first."""
    dims, half = len(shape), np.asarray(shape) / 2
    place = 2 * (np.arange(CELLS + 3) - 1) / CELLS - 1
    control = np.stack(np.meshgrid(*[place] * dims, indexing="ij"))
    control += (2 * np.asarray(p.offset or [0.0] * dims)).reshape(-1, *[1] * dims)
    if p.elastic > 0:
        limit = p.elastic * fold_limit_voxels(shape, p.free_axes)
        moves = np.random.default_rng(p.elastic_seed).uniform(-limit, limit, control.shape)
        for axis in set(range(dims)) - set(p.free_axes):
            moves[axis] = 0
            moves[:] = moves.take([0], axis=axis + 1)  # slices move alike
        control += moves / half.reshape(-1, *[1] * dims)
    linear = np.asarray(p.matrix) * half / half[:, None]
    return np.moveaxis(np.tensordot(linear, control, 1)[::-1], 0, -1)


def _affine(rng: np.random.Generator, settings: AugmentSettings) -> NDArray[np.float64]:
    """Rotation in millimetres and scaling, as a map of voxel offsets from output to input."""
    free = settings.free_axes
    rotation = draw_rotation(rng, settings.dims, free, settings.strength.rotation_degrees)
    low, high = np.log(settings.strength.scale)
    shrink = np.ones(settings.dims)
    shrink[list(free)] = np.exp(-rng.uniform(low, high))
    return in_voxels(rotation * shrink, settings.spacing_mm)


def _crop(rng: np.random.Generator, settings: AugmentSettings) -> tuple[NDArray[np.float64], tuple[float, ...]]:
    """The size of a box inside the patch as a share of it, and how far its centre is from the patch's as a share of the
    box."""
    free = list(settings.free_axes)
    size, offset = np.ones(settings.dims), np.zeros(settings.dims)
    size[free] = rng.uniform(0.6, 1.0, len(free))
    offset[free] = rng.uniform(-0.5, 0.5, len(free)) * (1 / size[free] - 1)
    return size, tuple(float(v) for v in offset)
