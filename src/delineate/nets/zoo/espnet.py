"""ESPNet: the encoder of ESP blocks with a light decoder."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit, norm_act, same_conv
from delineate.nets.blocks.esp import DILATIONS, EPS, EspBlock, EspEncoder
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm

STRIDE = 8

CARD = NetCard(
    title="ESPNet",
    paper="Mehta, Rastegari, Caspi, Shapiro, Hajishirzi: ESPNet: Efficient Spatial Pyramid of Dilated Convolutions for "
    "Semantic Segmentation. ECCV 2018",
    stride=STRIDE,
    differs="the decoder is as wide as there are classes, but at least 5 (an ESP block has five branches); "
    "the last transposed convolution starts with unit variance; the input is padded to a multiple of 8",
    verified="parameter count equal to the authors' code (p 2, q 8 and q 3)",
    small={"width": 5, "level2_blocks": 1, "level3_blocks": 1, "decoder_width": 16},
)


class EspNet(nn.Module):
    """Level 3 is scored, enlarged and met with level 2, reduced to as many channels, in an ESP block; enlarged again it
    meets level 1; a transposed convolution gives the logits. Every enlargement is a 2-wide transposed convolution."""

    def __init__(
        self,
        dims: int,
        in_channels: int,
        out_channels: int,
        width: int,
        level2_blocks: int,
        level3_blocks: int,
        decoder_width: int | None,
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        up = Layers(dims).conv_transpose
        self.encoder = EspEncoder(dims, in_channels, width, level2_blocks, level3_blocks)
        one, two, three = self.encoder.channels
        k = max(decoder_width or out_channels, len(DILATIONS))
        self.score3 = nn.Sequential(same_conv(dims, three, k, 1), BatchNorm(k, eps=EPS))
        self.up3 = up(k, k, 2, 2, bias=False)
        self.score2 = same_conv(dims, two, k, 1)
        self.meet2 = nn.Sequential(norm_act(2 * k, "prelu", EPS), EspBlock(dims, 2 * k, k))
        self.up2 = nn.Sequential(up(k, k, 2, 2, bias=False), norm_act(k, "prelu", EPS))
        self.meet1 = conv_unit(dims, k + one, k, act="prelu", eps=EPS)
        self.classify = up(k, out_channels, 2, 2, bias=False)
        nn.init.normal_(self.classify.weight, std=k**-0.5)  # a voxel sees k values, not the 2 ** dims times as many

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        first, second, third = self.encoder(pad_to_multiple(x, (STRIDE,) * self.dims))
        deep = self.up3(self.score3(third))
        deep = self.up2(self.meet2(torch.cat((self.score2(second), deep), dim=1)))
        deep = self.meet1(torch.cat((deep, first), dim=1))
        return crop_to(self.classify(deep), x.shape[2:])


@network("espnet", CARD)
def build_espnet(
    dims: int,
    in_channels: int,
    out_channels: int,
    width: int = 16,
    level2_blocks: int = 2,
    level3_blocks: int = 8,
    decoder_width: int | None = None,
) -> nn.Module:
    """``level2_blocks`` and ``level3_blocks`` are the paper's p and q; levels are 1, 4 and 8 times ``width`` wide.
    ``decoder_width`` are the channels of the decoder, None for one per class, as in the paper."""
    return EspNet(dims, in_channels, out_channels, width, level2_blocks, level3_blocks, decoder_width)
