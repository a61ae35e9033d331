"""Gaussian noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings


@dataclass(frozen=True)
class NoiseParams:
    """``levels``: one standard deviation per channel, as a share of the patch's own; ``seed`` draws the noise."""

    levels: tuple[float, ...]
    seed: int


@AUGMENTATIONS.register("noise")
class Noise:
    """White noise of up to a quarter of the patch's standard deviation. The same on every run of one kind of device."""

    order = 20

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> NoiseParams | None:
        """With probability ``intensity``; a level for each channel."""
        if rng.random() >= settings.strength.intensity:
            return None
        levels = tuple(float(level) for level in rng.uniform(0.0, 0.25, settings.channels))
        return NoiseParams(levels, int(rng.integers(2**31)))

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[NoiseParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add to the channels that have a level."""
        for i, p in enumerate(params):
            if p is not None:
                image_cx = image_bcx[i, : len(p.levels)]
                generator = torch.Generator(device=image_cx.device).manual_seed(p.seed)
                noise = torch.randn(image_cx.shape, generator=generator, device=image_cx.device)
                spread = image_cx.flatten(1).std(dim=1, correction=0) * image_cx.new_tensor(p.levels)
                image_cx += noise * spread.view(-1, *[1] * (image_cx.ndim - 1))
        return image_bcx, label_bx
