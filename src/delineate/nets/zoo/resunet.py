"""Deep residual U-Net."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from delineate.nets.blocks.pool_unet import check_widths
from delineate.nets.blocks.preactivation import PreActivation
from delineate.nets.blocks.unet_stage import init_he
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.resize import upsample

CARD = NetCard(
    title="Deep residual U-Net",
    paper="Zhang, Liu, Wang: Road Extraction by Deep Residual U-Net. IEEE Geoscience and Remote Sensing Letters 2018",
    stride=8,
    differs="the shortcut is a convolution with batch norm in each unit, as the width changes in all of them; enlarges "
    "by linear interpolation, which the paper leaves open",
    verified="parameters equal the paper's layer list; without the shortcuts' they are its 7.8 million",
    small={"widths": (4, 8, 8, 16)},
)


class ResUNet(nn.Module):
    """Units that stride instead of pooling, and a unit after each concatenation."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        self.encoder = nn.ModuleList(
            PreActivation(dims, a, b, stride=2 if i else 1, first=not i)
            for i, (a, b) in enumerate(pairwise((in_channels, *widths)))
        )
        self.decoder = nn.ModuleList(PreActivation(dims, w + below, w) for w, below in pairwise(widths))
        self.head = Layers(dims).conv(widths[0], out_channels, 1)
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        size = x.shape[2:]
        x = pad_to_multiple(x, (2 ** len(self.decoder),) * self.dims)
        maps = []
        for unit in self.encoder:
            x = unit(x)
            maps.append(x)
        maps.pop()
        for unit in reversed(self.decoder):
            x = unit(torch.cat((upsample(x), maps.pop()), dim=1))
        return crop_to(self.head(x), size)


@network("resunet", CARD)
def build_resunet(dims: int, in_channels: int, out_channels: int, widths: Any = (64, 128, 256, 512)) -> nn.Module:
    """``widths`` are the channels of each level, finest first."""
    return ResUNet(dims, in_channels, out_channels, check_widths(widths))
