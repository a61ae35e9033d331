"""R2U-Net with the gates of Attention U-Net."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from delineate.nets.blocks.pool_unet import enlarging_unet
from delineate.nets.blocks.recurrent_block import RecurrentBlock
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="R2U-Net with attention gates",
    paper="no paper of its own: Alom, Hasan, Yakopcic, Taha, Asari: R2U-Net. arXiv 1802.06955, 2018; gates of Oktay et "
    "al.: Attention U-Net. MIDL 2018",
    stride=16,
    differs="a combination known from code only; see r2unet and attention_unet",
    verified="parameters equal those of LeeJunHyun/Image_Segmentation with t=2",
    small={"widths": (4, 8, 8)},
)


@network("r2attunet", CARD)
def build_r2attunet(
    dims: int, in_channels: int, out_channels: int, widths: Any = (64, 128, 256, 512, 1024), steps: int = 2
) -> nn.Module:
    """``widths`` are the channels of each level, finest first; ``steps`` how often a convolution sees its answer."""
    block = partial(RecurrentBlock, dims, steps=steps)
    return enlarging_unet(dims, in_channels, out_channels, widths, block, gated=True)
