"""The head of DeepLabv3."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.atrous_pyramid import AtrousPyramid
from delineate.nets.blocks.conv_act import conv_act
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers


@HEADS.register("aspp")
class AsppHead(nn.Module):
    """`AtrousPyramid` on the last map, a 3x3 convolution and logits.

    Chen, Papandreou, Schroff, Adam: Rethinking Atrous Convolution for Semantic Image Segmentation. arXiv 1706.05587,
    2017; the 3x3 convolution is torchvision's.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int = 256,
        rates: Sequence[int] = (6, 12, 18),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.pyramid = AtrousPyramid(dims, channels[-1], width, rates, dropout=dropout)
        self.body = conv_act(dims, width, width)
        self.classify = Layers(dims).conv(width, out_channels, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        return self.classify(self.body(self.pyramid(maps[-1])))
