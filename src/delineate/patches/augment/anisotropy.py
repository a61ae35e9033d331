"""Simulated thick slices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample
from delineate.patches.separable import along_axes


@dataclass(frozen=True)
class AnisotropyParams:
    """Slices along ``axis`` become ``thickness`` voxels thick, in the first ``channels`` channels."""

    axis: int
    thickness: float
    channels: int


@AUGMENTATIONS.register("anisotropy")
class Anisotropy(PerSample[AnisotropyParams]):
    """Along one axis, voxels are averaged to slices 1.5 to 4 times as thick and interpolated back (after Billot et al.,
    SynthSeg, 2023). Axes that are thick already are left alone."""

    order = 65

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> AnisotropyParams | None:
        """With probability ``anisotropy``."""
        if rng.random() >= settings.strength.anisotropy:
            return None
        return AnisotropyParams(int(rng.choice(settings.free_axes)), float(rng.uniform(1.5, 4.0)), settings.channels)

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: AnisotropyParams) -> None:
        """Average and bring back; the label keeps its resolution."""
        image_cx = image_cx[: p.channels]
        matrix = thick_matrix(image_cx.shape[p.axis + 1], p.thickness)
        image_cx[:] = along_axes(image_cx, {p.axis + 1: matrix})


def thick_matrix(size: int, thickness: float) -> NDArray[np.float32]:
    """Averages over slices of about ``thickness`` voxels, interpolated linearly between their centres; rows sum to one.

    A voxel counts for as much as lies within the slice.
    """
    slices = max(1, round(size / thickness))
    edges = np.linspace(0, size, slices + 1)
    voxels = np.arange(size)
    inside = np.minimum(edges[1:, None], voxels + 1) - np.maximum(edges[:-1, None], voxels)
    average = inside.clip(0) * slices / size
    place = np.clip((voxels + 0.5) * slices / size - 0.5, 0, slices - 1)
    back = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(slices)))
    return (back @ average).astype(np.float32)
