"""Gaussian noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class NoiseParams:
    """``levels``: one standard deviation per channel, as a share of the patch's own; ``seed`` draws the noise."""

    levels: tuple[float, ...]
    seed: int


@AUGMENTATIONS.register("noise")
class Noise(PerSample[NoiseParams]):
    """White noise of up to a quarter of the patch's standard deviation. The same on every run of one kind of device."""

    order = 20

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> NoiseParams | None:
        """With probability ``intensity``; a level for each channel."""
        if rng.random() >= settings.strength.intensity:
            return None
        levels = tuple(float(level) for level in rng.uniform(0.0, 0.25, settings.channels))
        return NoiseParams(levels, int(rng.integers(2**31)))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: NoiseParams) -> None:
        """Add to the channels that have a level."""
        image_cx = image_cx[: len(p.levels)]
        generator = torch.Generator(device=image_cx.device).manual_seed(p.seed)
        noise = torch.randn(image_cx.shape, generator=generator, device=image_cx.device)
        spread = image_cx.flatten(1).std(dim=1, correction=0) * image_cx.new_tensor(p.levels)
        image_cx += noise * spread.view(-1, *[1] * (image_cx.ndim - 1))
