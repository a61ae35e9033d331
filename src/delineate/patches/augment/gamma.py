"""Gamma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class GammaParams:
    """One exponent per channel; ``invert`` bends the bright end instead of the dark one."""

    exponents: tuple[float, ...]
    invert: bool


@AUGMENTATIONS.register("gamma")
class Gamma(PerSample[GammaParams]):
    """Bend a channel's range by an exponent of 0.7 to 1.5, keeping its mean and standard deviation
    (Isensee et al., batchgenerators, 2020)."""

    order = 70

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> GammaParams | None:
        """With probability ``intensity``; an exponent for each channel, inverted in a quarter of the cases."""
        if rng.random() >= settings.strength.intensity:
            return None
        exponents = np.exp(rng.uniform(np.log(0.7), np.log(1.5), settings.channels))
        return GammaParams(tuple(float(e) for e in exponents), bool(rng.random() < 0.25))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: GammaParams) -> None:
        """Bend the channels that have an exponent."""
        image_cx = image_cx[: len(p.exponents)]
        image_cx.copy_(_bend(image_cx.flatten(1), p).view_as(image_cx))


def _bend(flat: torch.Tensor, p: GammaParams) -> torch.Tensor:
    """Channels ``[c, n]``; a constant one comes back as it was."""
    sign = -1.0 if p.invert else 1.0
    values = flat * sign
    low = values.amin(1, keepdim=True)
    span = (values.amax(1, keepdim=True) - low).clamp_min(1e-7)
    bent = ((values - low) / span).clamp_(0, 1).pow(flat.new_tensor(p.exponents)[:, None]) * sign
    spread, mean = torch.std_mean(bent, dim=1, keepdim=True, correction=0)
    wanted_spread, wanted_mean = torch.std_mean(flat, dim=1, keepdim=True, correction=0)
    return (bent - mean) * (wanted_spread / spread.clamp_min(1e-7)) + wanted_mean
