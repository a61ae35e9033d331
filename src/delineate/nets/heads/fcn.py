"""A fully convolutional head."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers


@HEADS.register("fcn")
class FcnHead(nn.Module):
    """3x3 convolution to ``width`` channels, dropout, 1x1 convolution to logits; of the map ``level``; ``leaky`` is of
    the ReLU.

    Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015; on the last but one map
    it is the auxiliary head of Zhao et al., Pyramid Scene Parsing Network. CVPR 2017.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        level: int = -1,
        dropout: float = 0.1,
        bias: bool = False,
        leaky: bool = False,
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        width = width or max(1, channels[level] // 4)
        self.level = level
        unit = conv_unit(dims, channels[level], width, act="leaky" if leaky else "relu", bias=bias)
        self.body = nn.Sequential(unit, layers.dropout(dropout))
        self.classify = layers.conv(width, out_channels, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of ``maps[level]``."""
        return self.classify(self.body(maps[self.level]))
