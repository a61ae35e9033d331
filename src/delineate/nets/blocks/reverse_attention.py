"""`ReverseStage`: logits corrected by a look at what they leave out."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.resize import resize

SIDES = ("coarse", "stage1", "stage2")
"""The outputs of a `Refinement` that are for training only: what it starts from, and its first two stages."""


def left_out(logits: torch.Tensor, background: bool = True) -> torch.Tensor:
    """How far each voxel is from being called foreground, 0 to 1: logits ``[b, k, *size]`` to ``[b, 1, *size]``.

    One channel: 1 minus its sigmoid, as published. More with a ``background``, the first: its softmax probability,
    which is 1 minus the sigmoid of the foreground's log-sum less the background, and for two channels the published
    form on their difference. Without one (regions that may overlap): 1 minus the sigmoid of the largest.
    """
    if logits.shape[1] > 1 and background:
        return torch.softmax(logits, dim=1)[:, :1]
    return torch.sigmoid(-logits.amax(dim=1, keepdim=True))


class ReverseStage(nn.Module):
    """Reverse attention (Chen, Tan, Wang, Hu, ECCV 2018): a map where the logits found nothing, convolved to what is
    added to them, one channel per class.

    ``enter`` is applied to the weighted map and ``body`` to that and, concatenated, the ``guidance`` if there is any.
    """

    def __init__(self, enter: nn.Module, body: nn.Module, background: bool = True) -> None:
        super().__init__()
        self.enter, self.body, self.background = enter, body, background

    def forward(self, x: torch.Tensor, logits: torch.Tensor, guidance: torch.Tensor | None = None) -> torch.Tensor:
        """``[b, c, *size]``, logits ``[b, k, *other]`` and guidance of any size to logits ``[b, k, *size]``."""
        size = x.shape[2:]
        logits = resize(logits, size)
        x = self.enter(x * left_out(logits, self.background).to(x.dtype))
        if guidance is not None:
            x = torch.cat((x, resize(guidance, size)), dim=1)
        return self.body(x) + logits


class Refinement(nn.Module):
    """Three stages, one per map from the coarsest up, each on the logits of the one before."""

    def __init__(self, stages: list[ReverseStage]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)

    def forward(
        self, maps: list[torch.Tensor], logits: torch.Tensor, guidance: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Maps, coarsest first, and logits to ``out``, those of the last stage, and the others by the names `SIDES`."""
        found = [logits]
        for stage, x in zip(self.stages, maps, strict=True):
            found.append(stage(x, found[-1], guidance))
        return {"out": found.pop(), **dict(zip(SIDES, found, strict=True))}
