"""Ghosts of magnetic resonance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.kspace import keep_empty, weigh_lines
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class GhostingParams:
    """In one ``channel``, lines of k-space along ``axis`` whose number ``every`` divides are weakened by ``loss``."""

    channel: int
    axis: int
    every: int
    loss: float


@AUGMENTATIONS.register("ghosting")
class Ghosting(PerSample[GhostingParams]):
    """Every second to fifth line of k-space is weakened by 0.2 to 0.7, as breathing and pulse do it: faint copies of
    the image along the axis (Perez-Garcia et al., TorchIO, 2021). Its mean and its slowest waves stay."""

    order = 13

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> GhostingParams | None:
        """With probability ``mr_artefacts``; in one of the channels that are neither CT nor picture."""
        channels = settings.channels_of("other")
        if not channels or rng.random() >= settings.strength.mr_artefacts:
            return None
        channel, axis = int(rng.choice(channels)), int(rng.choice(settings.free_axes))
        return GhostingParams(channel, axis, int(rng.integers(2, 6)), float(rng.uniform(0.2, 0.7)))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: GhostingParams) -> None:
        """Weaken the lines."""
        x = image_cx[p.channel]
        weights = line_weights(p, x.shape[p.axis]).to(x)
        image_cx[p.channel] = keep_empty(weigh_lines(x, weights, p.axis), x)


def line_weights(p: GhostingParams, size: int) -> torch.Tensor:
    """The weight of each of ``size`` lines, in FFT order; the innermost stay."""
    number = torch.fft.fftfreq(size, 1 / size).abs().round()
    return 1 - p.loss * ((number % p.every == 0) & (number > size // 50)).float()
