"""Soft Dice (Milletari et al., 3DV 2016; linear denominators as Drozdzal et al., DLMIA 2016)."""

from __future__ import annotations

import torch
from torch import nn

from delineate.core.labels import Labels
from delineate.losses.loss import LOSSES
from delineate.losses.region import RegionSums, sum_regions
from delineate.losses.softmax import SoftmaxSums, sum_softmax
from delineate.losses.target import flatten


@LOSSES.register("dice")
class Dice(nn.Module):
    """1 - soft Dice, the mean over classes (foreground only) and patches; over classes alone with ``batch_dice``, which
    adds the voxels of all patches first.

    A class that is absent from a patch is left out of that mean, as in evaluation: counting it as 1 would reward empty
    patches, as 0 would be a constant. With none present, the loss is 0 with zero gradient.
    """

    def __init__(self, labels: Labels, batch_dice: bool = False, smooth: float = 1e-5) -> None:
        super().__init__()
        self.labels, self.batch_dice, self.smooth = labels, batch_dice, smooth

    def forward(self, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, k, *size]`` and ids ``[b, *size]`` to a scalar."""
        flat, target = flatten(logits, ids, self.labels)
        sums = sum_regions(flat, target, self.labels) if self.labels.regions else sum_softmax(flat, target)
        return self.from_sums(sums)

    def from_sums(self, sums: SoftmaxSums | RegionSums) -> torch.Tensor:
        """From sums over voxels ``[b, class]``."""
        first = 1 if isinstance(sums, SoftmaxSums) else 0
        overlap, predicted, true = (s[:, first:] for s in (sums.overlap, sums.predicted, sums.true))
        return dice_loss(overlap, predicted, true, self.batch_dice, self.smooth)


def dice_loss(
    overlap: torch.Tensor, predicted: torch.Tensor, true: torch.Tensor, batch_dice: bool, smooth: float
) -> torch.Tensor:
    """1 - mean Dice from sums ``[b, class]`` of probability inside the truth, probability, and truth."""
    if batch_dice:
        overlap, predicted, true = (s.sum(0, keepdim=True) for s in (overlap, predicted, true))
    present = true > 0
    dice = 2 * overlap / (predicted + true + smooth)
    return ((1 - dice) * present).sum() / present.sum().clamp(min=1)
