"""Reverse attention on context gathered at several dilations and along the axes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets.blocks.axial_attention import axial_attention
from delineate.nets.blocks.channelwise_pyramid import EPS, ChannelwisePyramid
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.partial_decoder import PartialDecoder
from delineate.nets.blocks.reverse_attention import SIDES, Refinement, ReverseStage
from delineate.nets.head import HEADS
from delineate.nets.heads.pranet import DEEP, deep_channels


@HEADS.register("caranet")
class CaraNetHead(nn.Module):
    """The last three maps at ``width`` channels, a partial decoder, and three corrections of its logits by reverse
    attention on a channel-wise pyramid and axial attention of each.

    Lou, Guan, Ko, Loew: CaraNet: Context Axial Reverse Attention Network for Segmentation of Small Medical Objects.
    SPIE Medical Imaging 2022. All four steps have logits of every class, and all are supervised. ``width`` is a
    multiple of 16, ``dilation`` the largest of the pyramid less one, and ``background`` tells that the first channel is
    the background; see `left_out`.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int = 32,
        dilation: int = 8,
        background: bool = True,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        coarse_first = deep_channels(channels)[::-1]
        self.narrow = nn.ModuleList(conv_unit(dims, c, width, act="prelu", eps=EPS) for c in coarse_first)
        self.decode = PartialDecoder(dims, width, out_channels, norm=False)
        self.context = nn.ModuleList(
            nn.Sequential(ChannelwisePyramid(dims, width, dilation), axial_attention(dims, width, attention_gib))
            for _ in coarse_first
        )
        self.refine = Refinement(
            [ReverseStage(nn.Identity(), _correction(dims, width, out_channels), background) for _ in coarse_first]
        )
        self.auxiliaries = {name: Auxiliary(weight=1.0) for name in SIDES}

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor | dict[str, torch.Tensor]:
        """Maps, finest first, to logits at the size of the third last; in training a dict, with those before them."""
        seen = [narrow(x) for narrow, x in zip(self.narrow, maps[: -DEEP - 1 : -1], strict=True)]
        contexts = [context(x) for context, x in zip(self.context, seen, strict=True)]
        outputs: dict[str, torch.Tensor] = self.refine(contexts, self.decode(*seen))
        return outputs if self.training else outputs["out"]


def _correction(dims: int, width: int, out_channels: int) -> nn.Module:
    """Three convolutions; batch norm and PReLU follow the last, too."""
    return nn.Sequential(*(conv_unit(dims, width, c, act="prelu", eps=EPS) for c in (width, width, out_channels)))
