"""Soft Dice plus binary cross-entropy for regions (Isensee et al., BrainLes 2020)."""

from __future__ import annotations

import torch
from torch import nn

from delineate.core.labels import Labels
from delineate.losses.dice import Dice
from delineate.losses.loss import LOSSES, need_regions
from delineate.losses.region import sum_regions
from delineate.losses.target import flatten


@LOSSES.register("dice_bce")
class DiceBCE(nn.Module):
    """``dice_weight`` x Dice + ``ce_weight`` x binary cross-entropy, from one sigmoid."""

    def __init__(
        self, labels: Labels, batch_dice: bool = False, dice_weight: float = 1.0, ce_weight: float = 1.0
    ) -> None:
        super().__init__()
        need_regions(labels, "dice_bce")
        self.labels, self.dice = labels, Dice(labels, batch_dice)
        self.dice_weight, self.ce_weight = dice_weight, ce_weight

    def forward(self, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, class, *size]`` and ids ``[b, *size]`` to a scalar."""
        flat, target = flatten(logits, ids, self.labels)
        sums = sum_regions(flat, target, self.labels)
        entropy = sums.surprise.sum() / (target.count * flat.shape[1])
        return self.dice_weight * self.dice.from_sums(sums) + self.ce_weight * entropy
