"""The decoder of DeepLabv3+."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.atrous_pyramid import AtrousPyramid
from delineate.nets.blocks.conv_act import conv_act
from delineate.nets.blocks.separable import SeparableConv
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.resize import resize


@HEADS.register("deeplabv3plus")
class DeepLabV3PlusHead(nn.Module):
    """`AtrousPyramid` on the last map, enlarged to the map ``level``, which is reduced to ``low_width`` channels and
    concatenated; two 3x3 convolutions, then logits. ``separable`` splits all 3x3 convolutions.

    The fourth map from the end is the one at 1/4 whether or not a backbone has one at 1/2 before it.

    Chen, Zhu, Papandreou, Schroff, Adam: Encoder-Decoder with Atrous Separable Convolution. ECCV 2018.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int = 256,
        rates: Sequence[int] = (6, 12, 18),
        low_width: int = 48,
        level: int = -4,
        separable: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not -len(channels) <= level < len(channels) - 1 or level == -1:
            raise UsageError(
                f"the head 'deeplabv3plus' on {len(channels)} maps, the fine one being {level}",
                "a map before the last, counted from 0 at the first or from -1 at the last",
            )
        conv = SeparableConv if separable else conv_act
        self.level = level
        self.pyramid = AtrousPyramid(dims, channels[-1], width, rates, separable, dropout)
        self.low = conv_act(dims, channels[level], low_width, 1)
        self.body = nn.Sequential(conv(dims, width + low_width, width), conv(dims, width, width))
        self.classify = Layers(dims).conv(width, out_channels, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of ``maps[level]``."""
        low = self.low(maps[self.level])
        deep = resize(self.pyramid(maps[-1]), low.shape[2:])
        return self.classify(self.body(torch.cat((deep, low), 1)))
