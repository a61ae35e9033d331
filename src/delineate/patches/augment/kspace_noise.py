"""Noise of magnetic resonance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.kspace import keep_empty


@dataclass(frozen=True)
class KspaceNoiseParams:
    """``levels``: a standard deviation for each of ``channels``, as a share of the patch's own; ``seed`` draws it."""

    channels: tuple[int, ...]
    levels: tuple[float, ...]
    seed: int


@AUGMENTATIONS.register("kspace_noise")
class KspaceNoise:
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

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[KspaceNoiseParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The magnitude of signal and noise; the patch's minimum counts as no signal."""
        for i, p in enumerate(params):
            if p is not None:
                generator = torch.Generator(device=image_bcx.device).manual_seed(p.seed)
                for channel, level in zip(p.channels, p.levels, strict=True):
                    x = image_bcx[i, channel]
                    noise = torch.randn((2, *x.shape), generator=generator, device=x.device)
                    noise *= x.std(correction=0) * level
                    low = x.amin()
                    image_bcx[i, channel] = keep_empty(torch.hypot(x - low + noise[0], noise[1]) + low, x)
        return image_bcx, label_bx
