"""Soft Dice plus cross-entropy (Isensee et al., Nature Methods 2021)."""

from __future__ import annotations

import torch
from torch import nn

from delineate.core.labels import Labels
from delineate.losses.dice import Dice
from delineate.losses.dice_bce import DiceBCE
from delineate.losses.loss import LOSSES, need_exclusive
from delineate.losses.softmax import sum_softmax
from delineate.losses.target import flatten


@LOSSES.register("dice_ce")
def build_dice_ce(
    labels: Labels, batch_dice: bool = False, dice_weight: float = 1.0, ce_weight: float = 1.0
) -> nn.Module:
    """Softmax Dice and cross-entropy for exclusive labels; their sigmoid counterpart, `DiceBCE`, for regions."""
    if labels.regions:
        return DiceBCE(labels, batch_dice, dice_weight, ce_weight)
    return DiceCE(labels, batch_dice, dice_weight, ce_weight)


class DiceCE(nn.Module):
    """``dice_weight`` x Dice + ``ce_weight`` x cross-entropy, from one softmax."""

    def __init__(
        self, labels: Labels, batch_dice: bool = False, dice_weight: float = 1.0, ce_weight: float = 1.0
    ) -> None:
        super().__init__()
        need_exclusive(labels, "dice_ce")
        self.labels, self.dice = labels, Dice(labels, batch_dice)
        self.dice_weight, self.ce_weight = dice_weight, ce_weight

    def forward(self, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, k, *size]`` and ids ``[b, *size]`` to a scalar."""
        flat, target = flatten(logits, ids, self.labels)
        sums = sum_softmax(flat, target)
        return self.dice_weight * self.dice.from_sums(sums) + self.ce_weight * sums.surprise.sum() / target.count
