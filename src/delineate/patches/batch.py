"""`Batch`: patches as tensors, where they come from and what is to be done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray

from delineate.core.geometry import Triple
from delineate.patches.draw import Draw


@dataclass(frozen=True)
class Decision:
    """The augmentations of one sample: parameters (frozen plain data) by name; those absent are not applied."""

    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Batch:
    """``image_bcx`` float32 ``[b, c, (z), y, x]`` and ``label_bx`` ids ``[b, (z), y, x]``, one draw each.

    Ids travel as uint8 where they fit, else as int64; losses widen them where they compute, which is the device.
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


@dataclass(frozen=True, eq=False)
class Boxes:
    """Memory that readers fill patch by patch and that becomes the batch without a copy: ``image`` float32
    ``[b, c, z, y, x]`` and ``label`` ``[b, z, y, x]``, uninitialised."""

    image: NDArray[np.float32]
    label: NDArray[Any]

    @classmethod
    def empty(cls, batch: int, channels: int, box: Triple, label_dtype: DTypeLike) -> Boxes:
        """Room for ``batch`` boxes; ids that do not fit into a byte get eight, since torch knows little of others."""
        ids = np.uint8 if np.dtype(label_dtype) == np.uint8 else np.int64
        return cls(np.empty((batch, channels, *box), np.float32), np.empty((batch, *box), ids))

    def as_batch(self, draws: Sequence[Draw], dims: int, decisions: Sequence[Decision] = ()) -> Batch:
        """The boxes as tensors; in 2D the single slice is dropped."""
        image, label = torch.from_numpy(self.image), torch.from_numpy(self.label)
        if dims == 2:
            image, label = image[:, :, 0], label[:, 0]
        return Batch(image, label, tuple(draws), tuple(decisions))


def slices_as_channels(batch: Batch) -> Batch:
    """Slabs ``[b, c, slices, y, x]`` as 2D images ``[b, c * slices, y, x]`` with the label of the centre slice."""
    centre = batch.label_bx.shape[1] // 2
    return replace(batch, image_bcx=batch.image_bcx.flatten(1, 2), label_bx=batch.label_bx[:, centre].contiguous())
