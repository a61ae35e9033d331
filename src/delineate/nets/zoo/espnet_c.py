"""ESPNet-C: the encoder of ESPNet, scored at an eighth of the size."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import same_conv
from delineate.nets.blocks.esp import EspEncoder
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.resize import resize

STRIDE = 8

CARD = NetCard(
    title="ESPNet-C",
    paper="Mehta, Rastegari, Caspi, Shapiro, Hajishirzi: ESPNet: Efficient Spatial Pyramid of Dilated Convolutions for "
    "Semantic Segmentation. ECCV 2018",
    stride=STRIDE,
    differs="logits are enlarged to the input by linear interpolation (the paper scores labels made eight times "
    "smaller); the input is padded to a multiple of 8",
    verified="parameter count equal to the authors' code",
    small={"width": 5, "level2_blocks": 1, "level3_blocks": 1},
)


class EspNetC(nn.Module):
    """The encoder and one 1-wide convolution."""

    def __init__(
        self, dims: int, in_channels: int, out_channels: int, width: int, level2_blocks: int, level3_blocks: int
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        self.encoder = EspEncoder(dims, in_channels, width, level2_blocks, level3_blocks)
        self.classify = same_conv(dims, self.encoder.channels[-1], out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        padded = pad_to_multiple(x, (STRIDE,) * self.dims)
        return crop_to(resize(self.classify(self.encoder(padded)[-1]), padded.shape[2:]), x.shape[2:])


@network("espnet_c", CARD)
def build_espnet_c(
    dims: int, in_channels: int, out_channels: int, width: int = 16, level2_blocks: int = 2, level3_blocks: int = 8
) -> nn.Module:
    """``level2_blocks`` and ``level3_blocks`` are the paper's p and q; levels are 1, 4 and 8 times ``width`` wide."""
    return EspNetC(dims, in_channels, out_channels, width, level2_blocks, level3_blocks)
