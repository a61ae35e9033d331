"""Mirroring, over the axes the plan allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings


@dataclass(frozen=True)
class MirrorParams:
    """The spatial axes to flip (0 is the first)."""

    axes: tuple[int, ...]


@AUGMENTATIONS.register("mirror")
class Mirror:
    """Each allowed axis is flipped in half the samples; left and right are kept apart by the plan's choice of axes."""

    order = 80

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> MirrorParams | None:
        """A coin for every allowed axis."""
        axes = tuple(axis for axis in settings.mirror_axes if rng.random() < 0.5)
        return MirrorParams(axes) if axes else None

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[MirrorParams | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Flip image and label together."""
        for i, p in enumerate(params):
            if p is not None:
                image_bcx[i] = image_bcx[i].flip([axis + 1 for axis in p.axes])
                label_bx[i] = label_bx[i].flip(p.axes)
        return image_bcx, label_bx
