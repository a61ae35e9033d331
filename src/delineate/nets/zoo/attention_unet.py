"""Attention U-Net: gates at the skip connections."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from delineate.nets.blocks.double_conv import double_conv
from delineate.nets.blocks.pool_unet import enlarging_unet
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="Attention U-Net",
    paper="Oktay, Schlemper, Le Folgoc, Lee, Heinrich, Misawa, Mori, McDonagh, Hammerla, Kainz, Glocker, Rueckert: "
    "Attention U-Net: Learning Where to Look for the Pancreas. MIDL 2018",
    stride=16,
    differs="gates look at the enlarged map of the level below, at full size and with batch norm, and nothing is "
    "supervised deeply, as in the common two-dimensional implementation; the paper's gates work on the coarser grid",
    verified="parameters equal those of LeeJunHyun/Image_Segmentation; the gate equals MONAI's with the same weights",
    small={"widths": (4, 8, 8)},
)


@network("attention_unet", CARD)
def build_attention_unet(
    dims: int, in_channels: int, out_channels: int, widths: Any = (64, 128, 256, 512, 1024)
) -> nn.Module:
    """``widths`` are the channels of each level, finest first; gates have half as many."""
    block = partial(double_conv, dims, bias=True)
    return enlarging_unet(dims, in_channels, out_channels, widths, block, gated=True)
