"""Bias field of magnetic resonance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.kspace import keep_empty
from delineate.patches.persample import PerSample
from delineate.patches.separable import along_axes, spline_matrix

CELLS = 2
"""Cells of the control grid along an axis: coils are large, so the field is smooth."""


@dataclass(frozen=True)
class BiasFieldParams:
    """``channels`` are affected; each ``seed`` draws the control points of one, ``limit`` bounds the log field."""

    channels: tuple[int, ...]
    seeds: tuple[int, ...]
    limit: float


@AUGMENTATIONS.register("bias_field")
class BiasField(PerSample[BiasFieldParams]):
    """A smooth factor of at most e^0.1 to e^0.5 over the patch, a cubic B-spline in the log domain as N4 undoes it
    (Tustison et al., 2010). Intensities count from the patch's minimum, where normalisation put the absent signal."""

    order = 11

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> BiasFieldParams | None:
        """With probability ``mr_artefacts``; a field for each channel that is neither CT nor picture."""
        channels = settings.channels_of("other")
        if not channels or rng.random() >= settings.strength.mr_artefacts:
            return None
        seeds = tuple(int(s) for s in rng.integers(2**31, size=len(channels)))
        return BiasFieldParams(channels, seeds, float(rng.uniform(0.1, 0.5)))

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: BiasFieldParams) -> None:
        """Multiply by the field."""
        for channel, seed in zip(p.channels, p.seeds, strict=True):
            x = image_cx[channel]
            low = x.amin()
            image_cx[channel] = keep_empty(low + (x - low) * bias(x, seed, p.limit), x)


def bias(x: torch.Tensor, seed: int, limit: float) -> torch.Tensor:
    """The factor at every voxel of ``x``, between ``e^-limit`` and ``e^limit``."""
    control = np.random.default_rng(seed).uniform(-limit, limit, [CELLS + 3] * x.ndim)
    start = torch.as_tensor(control, dtype=x.dtype, device=x.device)
    return along_axes(start, {axis: spline_matrix(n, CELLS) for axis, n in enumerate(x.shape)}).exp_()
