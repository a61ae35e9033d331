"""Simulated low resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class LowResolutionParams:
    """The patch is thinned to ``zoom`` of its voxels along ``axes`` and brought back, in the first ``channels``."""

    zoom: float
    axes: tuple[int, ...]
    channels: int


@AUGMENTATIONS.register("low_resolution")
class LowResolution(PerSample[LowResolutionParams]):
    """Half to all of the voxels along an axis, nearest down and linear up (Isensee et al., batchgenerators, 2020)."""

    order = 60

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> LowResolutionParams | None:
        """With probability ``low_resolution``."""
        if rng.random() >= settings.strength.low_resolution:
            return None
        return LowResolutionParams(float(rng.uniform(0.5, 1.0)), settings.free_axes, settings.channels)

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: LowResolutionParams) -> None:
        """Thin and bring back; the label keeps its resolution."""
        image_1cx = image_cx[None, : p.channels]
        shape = tuple(image_1cx.shape[2:])
        coarse = [max(1, round(n * p.zoom)) if a in p.axes else n for a, n in enumerate(shape)]
        thin = F.interpolate(image_1cx, size=coarse, mode="nearest-exact")
        mode = "trilinear" if len(shape) == 3 else "bilinear"
        image_1cx[:] = F.interpolate(thin, size=shape, mode=mode, align_corners=False)
