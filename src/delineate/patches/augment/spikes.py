"""Spikes in the k-space of magnetic resonance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.kspace import keep_empty
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class SpikesParams:
    """In one ``channel``: for each spike its frequency in cycles per voxel along every axis, its phase in radians, and
    the height of its wave as a share of the patch's standard deviation."""

    channel: int
    frequencies: tuple[tuple[float, ...], ...]
    phases: tuple[float, ...]
    heights: tuple[float, ...]


@AUGMENTATIONS.register("spikes")
class Spikes(PerSample[SpikesParams]):
    """One to three single points of k-space are far too bright. Such a point is a plane wave in the image, which is
    how it is made here: stripes over the whole patch."""

    order = 14

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> SpikesParams | None:
        """With probability ``mr_artefacts``; in one of the channels that are neither CT nor picture."""
        channels = settings.channels_of("other")
        if not channels or rng.random() >= settings.strength.mr_artefacts:
            return None
        channel, count, free = int(rng.choice(channels)), int(rng.integers(1, 4)), list(settings.free_axes)
        frequencies = np.zeros((count, settings.dims))
        frequencies[:, free] = rng.uniform(0.1, 0.5, (count, len(free))) * rng.choice((-1, 1), (count, len(free)))
        return SpikesParams(
            channel,
            tuple(tuple(float(f) for f in each) for each in frequencies),
            tuple(float(v) for v in rng.uniform(0, 2 * np.pi, count)),
            tuple(float(v) for v in rng.uniform(0.2, 0.8, count)),
        )

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: SpikesParams) -> None:
        """Add the waves."""
        x = image_cx[p.channel]
        spread = x.std(correction=0)
        added = x.clone()
        for frequency, phase, height in zip(p.frequencies, p.phases, p.heights, strict=True):
            added += wave(x, frequency, phase) * (spread * height)
        image_cx[p.channel] = keep_empty(added, x)


def wave(x: torch.Tensor, frequency: Sequence[float], phase: float) -> torch.Tensor:
    """A cosine over the voxels of ``x``; each axis holds a whole number of cycles, as points of k-space do."""
    total = torch.full((), phase, dtype=x.dtype, device=x.device)
    for axis, (size, share) in enumerate(zip(x.shape, frequency, strict=True)):
        cycles = round(share * size)
        turns = torch.arange(size, dtype=x.dtype, device=x.device) * (2 * np.pi * cycles / size)
        total = total + turns.view(-1, *[1] * (x.ndim - 1 - axis))
    return total.cos_()
