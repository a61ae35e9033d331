"""Cross-entropy over exclusive classes."""

from __future__ import annotations

import torch
from torch import nn

from delineate.core.labels import Labels
from delineate.losses.loss import LOSSES, need_exclusive
from delineate.losses.softmax import sum_softmax
from delineate.losses.target import flatten


@LOSSES.register("ce")
class CrossEntropy(nn.Module):
    """Mean of -log softmax probability of the true class over the voxels that count, background included."""

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        need_exclusive(labels, "ce")
        self.labels = labels

    def forward(self, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, k, *size]`` and ids ``[b, *size]`` to a scalar."""
        flat, target = flatten(logits, ids, self.labels)
        return sum_softmax(flat, target).surprise.sum() / target.count
