"""U-Net, as Ronneberger, Fischer and Brox drew it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from torch import nn

from delineate.nets.blocks.double_conv import double_conv
from delineate.nets.blocks.pool_unet import PoolUNet, Upsample, check_widths
from delineate.nets.layers import Layers
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="U-Net",
    paper="Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation. MICCAI 2015",
    stride=16,
    differs="convolutions pad, so that the logits have the input's size, and batch norm follows each; no dropout",
    verified="parameters equal those of milesial/Pytorch-UNet, with transposed convolutions and with bilinear=True; "
    "with shared weights it gives what a U-Net of MONAI 1.6.1's blocks with batch norm gives in 2D and 3D",
    small={"widths": (4, 8, 8)},
)


@network("unet", CARD)
def build_unet(
    dims: int, in_channels: int, out_channels: int, widths: Any = (64, 128, 256, 512, 1024), bilinear: bool = False
) -> nn.Module:
    """``widths`` are the channels of each level, finest first; ``bilinear`` enlarges by interpolation (linear along
    every axis) instead of transposed convolutions, with half the channels below the first level of the way up."""
    wide, layers = check_widths(widths), Layers(dims)
    if not bilinear:
        down, up = wide, wide
        ups = [layers.conv_transpose(below, w, 2, 2) for w, below in pairwise(wide)]
        decoder = [double_conv(dims, 2 * w, w) for w in wide[:-1]]
    else:
        half = tuple(max(1, w // 2) for w in wide)
        down, up = (*wide[:-1], half[-1]), (wide[0], *half[1:])
        ups = [Upsample() for _ in wide[1:]]
        joined = [w + below for w, below in zip(wide, up[1:], strict=False)]
        decoder = [double_conv(dims, n, w, max(1, n // 2)) for n, w in zip(joined, up, strict=False)]
    encoder = [double_conv(dims, a, b) for a, b in pairwise((in_channels, *down))]
    return PoolUNet(dims, in_channels, encoder, ups, decoder, layers.conv(wide[0], out_channels, 1))
