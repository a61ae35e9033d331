"""Binary cross-entropy of regions that may overlap."""

from __future__ import annotations

import torch
from torch import nn

from delineate.core.labels import Labels
from delineate.losses.loss import LOSSES, need_regions
from delineate.losses.region import sum_regions
from delineate.losses.target import flatten


@LOSSES.register("bce")
class BinaryCrossEntropy(nn.Module):
    """Mean binary cross-entropy over regions and the voxels that count."""

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        need_regions(labels, "bce")
        self.labels = labels

    def forward(self, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, class, *size]`` and ids ``[b, *size]`` to a scalar."""
        flat, target = flatten(logits, ids, self.labels)
        return sum_regions(flat, target, self.labels).surprise.sum() / (target.count * flat.shape[1])
