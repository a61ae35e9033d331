"""Noise of magnetic resonance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.kspace import keep_empty
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class KspaceNoiseParams:
    """``levels``: a standard deviation for each of ``channels``, as a share of the patch's own; ``seed`` draws it."""

    channels: tuple[int, ...]
    levels: tuple[float, ...]
    seed: int


@AUGMENTATIONS.register("kspace_noise")
class KspaceNoise(PerSample[KspaceNoiseParams]):
    """Complex Gaussian noise on k-space, of which the magnitude is looked at: Rician noise, which brightens what is
    dark (Gudbjartsson and Patz, 1995). The Fourier transform keeps white noise white, so it is drawn in the image."""

    order = 15

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> KspaceNoiseParams | None:
        """With probability ``mr_artefacts``; a level for each channel that is neither CT nor picture."""
        channels = settings.channels_of("other")
        if not channels or rng.random() >= settings.strength.mr_artefacts:
            return None
        levels = tuple(float(level) for level in rng.uniform(0.02, 0.2, len(channels)))
        return KspaceNoiseParams(channels, levels, int(rng.integers(2**31)))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: KspaceNoiseParams) -> None:
        """The magnitude of signal and noise; the patch's minimum counts as no signal."""
        generator = torch.Generator(device=image_cx.device).manual_seed(p.seed)
        for channel, level in zip(p.channels, p.levels, strict=True):
            x = image_cx[channel]
            noise = torch.randn((2, *x.shape), generator=generator, device=x.device)
            noise *= x.std(correction=0) * level
            low = x.amin()
            image_cx[channel] = keep_empty(torch.hypot(x - low + noise[0], noise[1]) + low, x)
