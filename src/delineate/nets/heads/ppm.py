"""The pyramid pooling module."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_act import conv_act
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.resize import resize


@HEADS.register("ppm")
class PyramidPoolingHead(nn.Module):
    """The last map pooled to each of ``bins`` windows per axis, reduced by 1x1 convolutions, enlarged and concatenated
    with the map; then a 3x3 convolution to ``width`` channels (a quarter of the map's if None) and logits.

    Zhao, Shi, Qi, Wang, Jia: Pyramid Scene Parsing Network. CVPR 2017.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        bins: Sequence[int] = (1, 2, 3, 6),
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        inputs = channels[-1]
        each, width = max(1, inputs // len(bins)), width or max(1, inputs // 4)
        self.pools = nn.ModuleList(
            nn.Sequential(layers.adaptive_avg_pool(n), conv_act(dims, inputs, each, 1)) for n in bins
        )
        self.body = nn.Sequential(conv_act(dims, inputs + len(bins) * each, width), layers.dropout(dropout))
        self.classify = layers.conv(width, out_channels, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = maps[-1]
        pooled = [resize(pool(x), x.shape[2:], align_corners=True) for pool in self.pools]
        return self.classify(self.body(torch.cat((x, *pooled), 1)))
