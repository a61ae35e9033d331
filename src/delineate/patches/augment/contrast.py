"""Contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class ContrastParams:
    """One factor per channel."""

    factors: tuple[float, ...]


@AUGMENTATIONS.register("contrast")
class Contrast(PerSample[ContrastParams]):
    """Stretch a channel about its mean by 0.75 to 1.25, cut at the range it had
    (Isensee et al., batchgenerators, 2020)."""

    order = 50

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> ContrastParams | None:
        """With probability ``intensity``; a factor for each channel."""
        if rng.random() >= settings.strength.intensity:
            return None
        return ContrastParams(tuple(float(f) for f in rng.uniform(0.75, 1.25, settings.channels)))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: ContrastParams) -> None:
        """Stretch the channels that have a factor."""
        image_cx = image_cx[: len(p.factors)]
        flat = image_cx.flatten(1)
        mean, low, high = flat.mean(1, keepdim=True), flat.amin(1, keepdim=True), flat.amax(1, keepdim=True)
        stretched = (flat - mean) * flat.new_tensor(p.factors)[:, None] + mean
        image_cx.copy_(stretched.clamp(low, high).view_as(image_cx))
