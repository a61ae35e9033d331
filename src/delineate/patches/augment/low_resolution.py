"""Simulated low resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings


@dataclass(frozen=True)
class LowResolutionParams:
    """The patch is thinned to ``zoom`` of its voxels along ``axes`` and brought back, in the first ``channels``."""

    zoom: float
    axes: tuple[int, ...]
    channels: int


@AUGMENTATIONS.register("low_resolution")
class LowResolution:
    """Half to all of the voxels along an axis, nearest down and linear up (Isensee et al., batchgenerators, 2020)."""

    order = 60

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> LowResolutionParams | None:
        """With probability ``low_resolution``."""
        if rng.random() >= settings.strength.low_resolution:
            return None
        return LowResolutionParams(float(rng.uniform(0.5, 1.0)), settings.free_axes, settings.channels)

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[LowResolutionParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Thin and bring back; the label keeps its resolution."""
        for i, p in enumerate(params):
            if p is not None:
                image_1cx = image_bcx[i : i + 1, : p.channels]
                shape = tuple(image_1cx.shape[2:])
                coarse = [max(1, round(n * p.zoom)) if a in p.axes else n for a, n in enumerate(shape)]
                thin = F.interpolate(image_1cx, size=coarse, mode="nearest-exact")
                mode = "trilinear" if len(shape) == 3 else "bilinear"
                image_bcx[i : i + 1, : p.channels] = F.interpolate(thin, size=shape, mode=mode, align_corners=False)
        return image_bcx, label_bx
