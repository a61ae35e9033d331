"""Res2Net v1b: residual networks whose bottlenecks see several scales."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.backbones.resnet import DEPTHS, Block, ResNet, shortcut
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm

SCALE = 4
"""Groups of channels in a block."""
BASE = 26
"""Channels of a group for every 64 of the block's width."""


class Bottle2neck(Block):
    """A bottleneck whose middle is `SCALE` groups of channels: each group's 3x3 convolution also sees the result of the
    group before, and the last group passes as it is.

    In the first block of a stage the groups are apart, and the last is averaged over 3x3 voxels.
    """

    expansion = 4

    def __init__(
        self, dims: int, inputs: int, width: int, stride: int = 1, rate: int = 1, first_rate: int = 1, skip: str = ""
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        group, outputs = max(1, width * BASE // 64), width * self.expansion
        self.conv1 = layers.conv(inputs, group * SCALE, 1, bias=False)
        self.bn1 = BatchNorm(group * SCALE)
        self.convs = nn.ModuleList(
            layers.conv(group, group, 3, stride, first_rate, first_rate, bias=False) for _ in range(SCALE - 1)
        )
        self.bns = nn.ModuleList(BatchNorm(group) for _ in range(SCALE - 1))
        self.conv3 = layers.conv(group * SCALE, outputs, 1, bias=False)
        self.bn3 = BatchNorm(outputs)
        self.downsample = shortcut(dims, inputs, outputs, stride, skip)
        self.first = self.downsample is not None
        self.mean = layers.avg_pool(3, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, 4 * width, *ceil(size / stride)]``."""
        groups = F.relu(self.bn1(self.conv1(x)), inplace=True).chunk(SCALE, 1)
        done: list[torch.Tensor] = []
        for conv, norm, group in zip(self.convs, self.bns, groups[:-1], strict=True):
            seen = group if self.first or not done else done[-1] + group
            done.append(F.relu(norm(conv(seen))))
        last = groups[-1]
        if self.first:  # padded apart: torch refuses one voxel in 3D
            last = self.mean(F.pad(last, (1, 1) * (x.ndim - 2)))
        out = self.bn3(self.conv3(torch.cat((*done, last), 1)))
        return F.relu(out + (x if self.downsample is None else self.downsample(x)), inplace=True)


def _add(depth: int) -> None:
    """Register one depth."""
    card = BackboneCard(
        title=f"Res2Net-{depth} v1b 26w 4s",
        paper="Gao, Cheng, Zhao, Zhang, Yang, Torr: Res2Net: A New Multi-scale Backbone Architecture. TPAMI 2021",
        strides=(8, 16, 32),
        weights=f"timm res2net{depth}d (v1b)",
        small={"width": 8},
        differs="published at output stride 32 only; dilated, a stage that no longer strides averages nothing in its "
        "shortcut",
        verified="parameter names and counts of timm; with shared weights all maps of timm 1.0.31's res2net50d",
    )

    @backbone(f"res2net{depth}", card)
    def build(dims: int, in_channels: int, output_stride: int = 32, width: int = 64, **options: Any) -> nn.Module:
        stem = (width // 2, width // 2, width)
        options = {"skip": "mean", **options}
        return ResNet(dims, in_channels, Bottle2neck, DEPTHS[depth], output_stride, width=width, stem=stem, **options)


for _depth in (50, 101):
    _add(_depth)
