"""Mirroring, over the axes the plan allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.persample import PerSample


@dataclass(frozen=True)
class MirrorParams:
    """The spatial axes to flip (0 is the first), and the ids that change places."""

    axes: tuple[int, ...]
    swaps: tuple[tuple[int, int], ...] = ()


@AUGMENTATIONS.register("mirror")
class Mirror(PerSample[MirrorParams]):
    """Each allowed axis is flipped in half the samples. Where classes are told apart by left and right, the plan allows
    the axis between them only with ids to exchange."""

    order = 80

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> MirrorParams | None:
        """A coin for every allowed axis."""
        axes = tuple(axis for axis in settings.mirror_axes if rng.random() < 0.5)
        swaps = settings.mirror_swaps if settings.side_axis in axes else ()
        return MirrorParams(axes, swaps) if axes else None

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: MirrorParams) -> None:
        """Flip image and label together; then left is called right."""
        image_cx[:] = image_cx.flip([axis + 1 for axis in p.axes])
        label_x[:] = _exchanged(label_x.flip(p.axes), p.swaps)


def _exchanged(label_x: torch.Tensor, swaps: Sequence[tuple[int, int]]) -> torch.Tensor:
    if not swaps:
        return label_x
    becomes = torch.arange(_IDS, device=label_x.device)
    for a, b in swaps:
        becomes[a], becomes[b] = b, a
    return becomes[label_x.long()].to(label_x.dtype)


_IDS = 1 << 16
"""Ids reach 65535 (see `Labels.ignore_id`)."""
