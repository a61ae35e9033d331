"""Gaussian blur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.separable import along_axes, smoothing_matrix


@dataclass(frozen=True)
class BlurParams:
    """``sigma_voxels`` along the spatial axes ``axes``, of the first ``channels`` channels."""

    sigma_voxels: float
    axes: tuple[int, ...]
    channels: int


@AUGMENTATIONS.register("blur")
class Blur:
    """A point spread of half to one voxel; along thick slices nothing is mixed."""

    order = 30

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> BlurParams | None:
        """With probability ``blur``."""
        if rng.random() >= settings.strength.blur:
            return None
        return BlurParams(float(rng.uniform(0.5, 1.0)), settings.free_axes, settings.channels)

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[BlurParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Smooth along one axis after the other."""
        for i, p in enumerate(params):
            if p is not None:
                image_cx = image_bcx[i, : p.channels]
                sizes = {axis + 1: image_cx.shape[axis + 1] for axis in p.axes}
                matrices = {axis: smoothing_matrix(n, p.sigma_voxels) for axis, n in sizes.items()}
                image_bcx[i, : p.channels] = along_axes(image_cx, matrices)
        return image_bcx, label_bx
