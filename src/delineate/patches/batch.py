"""`Batch`: patches as tensors, where they come from and what is to be done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from delineate.patches.draw import Draw


@dataclass(frozen=True)
class Decision:
    """The augmentations of one sample: parameters (frozen plain data) by name; those absent are not applied."""

    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Batch:
    """``image_bcx`` float32 ``[b, c, (z), y, x]`` and ``label_bx`` int64 ids ``[b, (z), y, x]``, one draw each.

    ``decisions`` are the augmentations not yet done, one per sample, or empty.
    """

    image_bcx: torch.Tensor
    label_bx: torch.Tensor
    draws: tuple[Draw, ...]
    decisions: tuple[Decision, ...] = ()

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on a device."""
        return replace(
            self,
            image_bcx=self.image_bcx.to(device, non_blocking=True),
            label_bx=self.label_bx.to(device, non_blocking=True),
        )


def slices_as_channels(batch: Batch) -> Batch:
    """Slabs ``[b, c, slices, y, x]`` as 2D images ``[b, c * slices, y, x]`` with the label of the centre slice."""
    centre = batch.label_bx.shape[1] // 2
    return replace(batch, image_bcx=batch.image_bcx.flatten(1, 2), label_bx=batch.label_bx[:, centre].contiguous())


def collate(
    patches: Sequence[tuple[NDArray[np.float32], NDArray[Any]]],
    draws: Sequence[Draw],
    dims: int,
    decisions: Sequence[Decision] = (),
) -> Batch:
    """Boxes (image ``[c, z, y, x]``, label ``[z, y, x]``) as one batch; in 2D the single slice is dropped."""
    image = np.stack([image for image, _ in patches]).astype(np.float32, copy=False)
    label = np.stack([label for _, label in patches]).astype(np.int64)
    if dims == 2:
        image, label = image[:, :, 0], label[:, 0]
    return Batch(torch.from_numpy(image), torch.from_numpy(label), tuple(draws), tuple(decisions))
