"""Shift and scale of Hounsfield units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class HuShiftParams:
    """A factor and a shift for each of ``channels``, the shift as a share of the patch's deviation."""

    channels: tuple[int, ...]
    factors: tuple[float, ...]
    shifts: tuple[float, ...]


@AUGMENTATIONS.register("hu_shift")
class HuShift(PerSample[HuShiftParams]):
    """Scanners that are off: CT is scaled by 0.9 to 1.1 and shifted by up to a fifth of the patch's standard
    deviation."""

    order = 16

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> HuShiftParams | None:
        """With probability ``ct_artefacts``; in every CT channel."""
        channels = settings.channels_of("ct")
        if not channels or rng.random() >= settings.strength.ct_artefacts:
            return None
        factors, shifts = rng.uniform(0.9, 1.1, len(channels)), rng.uniform(-0.2, 0.2, len(channels))
        return HuShiftParams(channels, tuple(float(f) for f in factors), tuple(float(s) for s in shifts))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: HuShiftParams) -> None:
        """Scale and shift."""
        for channel, factor, shift in zip(p.channels, p.factors, p.shifts, strict=True):
            x = image_cx[channel]
            x.mul_(factor).add_(x.std(correction=0) * shift)
