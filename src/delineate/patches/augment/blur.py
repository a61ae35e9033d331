"""Gaussian blur."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample
from delineate.patches.separable import along_axes, smoothing_matrix


@dataclass(frozen=True)
class BlurParams:
    """``sigma_voxels`` along the spatial axes ``axes``, of the first ``channels`` channels."""

    sigma_voxels: float
    axes: tuple[int, ...]
    channels: int


@AUGMENTATIONS.register("blur")
class Blur(PerSample[BlurParams]):
    """A point spread of half to one voxel; along thick slices nothing is mixed."""

    order = 30

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> BlurParams | None:
        """With probability ``blur``."""
        if rng.random() >= settings.strength.blur:
            return None
        return BlurParams(float(rng.uniform(0.5, 1.0)), settings.free_axes, settings.channels)

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: BlurParams) -> None:
        """Smooth along one axis after the other."""
        image_cx = image_cx[: p.channels]
        sizes = {axis + 1: image_cx.shape[axis + 1] for axis in p.axes}
        matrices = {axis: smoothing_matrix(n, p.sigma_voxels) for axis, n in sizes.items()}
        image_cx[:] = along_axes(image_cx, matrices)
