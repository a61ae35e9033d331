"""Brightness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class BrightnessParams:
    """One factor per channel."""

    factors: tuple[float, ...]


@AUGMENTATIONS.register("brightness")
class Brightness(PerSample[BrightnessParams]):
    """Multiply a channel by 0.75 to 1.25; zero, where normalisation puts the background, stays zero."""

    order = 40

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> BrightnessParams | None:
        """With probability ``intensity``; a factor for each channel."""
        if rng.random() >= settings.strength.intensity:
            return None
        return BrightnessParams(tuple(float(f) for f in rng.uniform(0.75, 1.25, settings.channels)))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: BrightnessParams) -> None:
        """Multiply the channels that have a factor."""
        image_cx = image_cx[: len(p.factors)]
        image_cx *= image_cx.new_tensor(p.factors).view(-1, *[1] * (image_cx.ndim - 1))
