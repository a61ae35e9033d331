"""`PerSample`: an augmentation that varies the samples of a batch one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

import torch

P = TypeVar("P")


class PerSample(ABC, Generic[P]):
    """The half of an `Augmentation` that does: `vary` is called for each sample that something was decided for."""

    @abstractmethod
    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: P) -> None:
        """Write into one sample's tensors, image ``[c, *x]`` and label ``[*x]``: views of the batch."""

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[P | None]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vary the samples that have parameters."""
        for i, p in enumerate(params):
            if p is not None:
                self.vary(image_bcx[i], label_bx[i], p)
        return image_bcx, label_bx
