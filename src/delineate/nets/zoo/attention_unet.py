"""Attention U-Net: gates at the skip connections."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from torch import nn

from delineate.nets.attention_gate import AttentionGate
from delineate.nets.conv_bn import conv_bn, double_conv
from delineate.nets.layers import Layers
from delineate.nets.net import NetCard, network
from delineate.nets.pool_unet import PoolUNet, Upsample, check_widths

CARD = NetCard(
    title="Attention U-Net",
    paper="Oktay, Schlemper, Le Folgoc, Lee, Heinrich, Misawa, Mori, McDonagh, Hammerla, Kainz, Glocker, Rueckert: "
    "Attention U-Net: Learning Where to Look for the Pancreas. MIDL 2018",
    stride=16,
    differs="gates look at the enlarged map of the level below, at full size and with batch norm, and nothing is "
    "supervised deeply, as in the common two-dimensional implementation; the paper's gates work on the coarser grid",
    verified="parameters equal those of LeeJunHyun/Image_Segmentation; the gate equals MONAI's with the same weights",
    small={"widths": (4, 8, 8, 12, 16)},
)


@network("attention_unet", CARD)
def build_attention_unet(
    dims: int, in_channels: int, out_channels: int, widths: Any = (64, 128, 256, 512, 1024)
) -> nn.Module:
    """``widths`` are the channels of each level, finest first; gates have half as many."""
    wide = check_widths(widths)
    fine = list(pairwise(wide))
    return PoolUNet(
        dims,
        in_channels,
        (double_conv(dims, a, b, bias=True) for a, b in pairwise((in_channels, *wide))),
        (nn.Sequential(Upsample("nearest"), conv_bn(dims, below, w, bias=True)) for w, below in fine),
        (double_conv(dims, 2 * w, w, bias=True) for w, _ in fine),
        Layers(dims).conv(wide[0], out_channels, 1),
        (AttentionGate(dims, w, w, max(1, w // 2)) for w, _ in fine),
    )
