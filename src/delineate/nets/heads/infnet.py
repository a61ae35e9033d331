"""Parallel reverse attention that is also told where edges are."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.head import HEADS
from delineate.nets.heads.pranet import DEEP, PraNetHead


@HEADS.register("infnet")
class InfNetHead(nn.Module):
    """PraNet's head, whose corrections also see an edge branch on the map before the last three.

    Fan, Zhou, Ji, Zhou, Chen, Fu, Shen, Shao: Inf-Net: Automatic COVID-19 Lung Infection Segmentation from CT Images.
    TMI 2020. The edge branch has ``stage_width`` channels and, in training, a map ``edge`` of one channel, the boundary
    of any class. The other options are those of `PraNetHead`.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int = 32,
        deep_width: int = 256,
        stage_width: int = 64,
        background: bool = True,
    ) -> None:
        super().__init__()
        if len(channels) <= DEEP:
            raise UsageError(f"an edge branch and a partial decoder on {len(channels)} maps", f"at least {DEEP + 1}")
        self.edge_features = nn.Sequential(
            *(
                conv_unit(dims, channels[-DEEP - 1] if k == 1 else stage_width, stage_width, k, act="none")
                for k in (1, 3, 3)
            )
        )
        self.edge = conv_unit(dims, stage_width, 1, act="none")
        self.decode = PraNetHead(
            dims, channels, out_channels, width, deep_width, stage_width, background, guided=stage_width
        )
        self.auxiliaries = {**self.decode.auxiliaries, "edge": Auxiliary(weight=1.0, target="boundary")}

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor | dict[str, torch.Tensor]:
        """Maps, finest first, to logits at the size of the third last; in training a dict, with ``edge`` too."""
        guidance = self.edge_features(maps[-DEEP - 1])
        outputs: torch.Tensor | dict[str, torch.Tensor] = self.decode(maps, guidance)
        return {**outputs, "edge": self.edge(guidance)} if isinstance(outputs, dict) else outputs
