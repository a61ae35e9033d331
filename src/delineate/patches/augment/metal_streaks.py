"""Streaks around metal in CT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class MetalStreaksParams:
    """A piece of metal in all of ``channels``. ``place`` is its centre as shares of the patch; ``reach`` and ``radius``
    are how far streaks and metal go, as shares of the shorter in-plane side; ``height`` is a share of the patch's
    standard deviation."""

    channels: tuple[int, ...]
    place: tuple[float, ...]
    rays: int
    phase: float
    reach: float
    radius: float
    height: float


@AUGMENTATIONS.register("metal_streaks")
class MetalStreaks(PerSample[MetalStreaksParams]):
    """A bright point with alternating bright and dark rays that fade with distance, within the last two axes and over
    a tenth of the slices. A sketch of what beam hardening does, not a simulation."""

    order = 17

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> MetalStreaksParams | None:
        """With probability ``ct_artefacts``; in every CT channel."""
        channels = settings.channels_of("ct")
        if not channels or rng.random() >= settings.strength.ct_artefacts:
            return None
        return MetalStreaksParams(
            channels=channels,
            place=tuple(float(v) for v in rng.uniform(0.1, 0.9, settings.dims)),
            rays=int(rng.integers(4, 13)),
            phase=float(rng.uniform(0, 2 * np.pi)),
            reach=float(rng.uniform(0.1, 0.4)),
            radius=float(rng.uniform(0.01, 0.03)),
            height=float(rng.uniform(0.5, 2.0)),
        )

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: MetalStreaksParams) -> None:
        """Add rays and metal."""
        streaks = streaks_of(p, image_cx.shape[1:]).to(image_cx)
        for channel in p.channels:
            image_cx[channel] += streaks * image_cx[channel].std(correction=0)


def streaks_of(p: MetalStreaksParams, shape: Sequence[int]) -> torch.Tensor:
    """What is added, ``[*x]``: three times the height in the metal, rays of the height around it."""
    offsets = [torch.arange(n) + 0.5 - share * n for n, share in zip(shape, p.place, strict=True)]
    y, x = offsets[-2][:, None], offsets[-1]
    distance, side = torch.hypot(y, x), min(shape[-2:])
    rays = p.height * torch.cos(p.rays * torch.atan2(y, x) + p.phase) * torch.exp(-distance / (p.reach * side))
    plane = torch.where(distance <= max(1.0, p.radius * side), 3 * p.height, rays)
    if len(shape) == 2:
        return plane
    return torch.exp(-0.5 * (offsets[0] / max(1.0, shape[0] / 20)) ** 2)[:, None, None] * plane
