"""Cut-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample

Box = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class CutoutParams:
    """``boxes``: for each axis where it starts and ends, as shares of the patch; in the first ``channels`` channels."""

    boxes: tuple[Box, ...]
    channels: int


@AUGMENTATIONS.register("cutout")
class Cutout(PerSample[CutoutParams]):
    """One to three boxes of a tenth to three tenths of each axis show nothing, which is 0 as beyond the scan; the label
    stays, to be told from what is around (DeVries and Taylor, 2017)."""

    order = 90

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> CutoutParams | None:
        """With probability ``cutout``."""
        if rng.random() >= settings.strength.cutout:
            return None
        boxes = tuple(_box(rng, settings.dims) for _ in range(rng.integers(1, 4)))
        return CutoutParams(boxes, settings.channels)

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: CutoutParams) -> None:
        """Empty the boxes."""
        shape = image_cx.shape[1:]
        for box in p.boxes:
            where = tuple(_slice(ends, n) for ends, n in zip(box, shape, strict=True))
            image_cx[: p.channels][(slice(None), *where)] = 0


def _slice(ends: tuple[float, float], size: int) -> slice:
    """At least one voxel."""
    start = min(int(ends[0] * size), size - 1)
    return slice(start, max(start + 1, round(ends[1] * size)))


def _box(rng: np.random.Generator, dims: int) -> Box:
    sizes = rng.uniform(0.1, 0.3, dims)
    starts = rng.uniform(0, 1 - sizes)
    return tuple((float(a), float(a + b)) for a, b in zip(starts, sizes, strict=True))
