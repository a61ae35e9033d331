"""R2U-Net: a U-Net of recurrent residual blocks."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from delineate.nets.blocks.pool_unet import enlarging_unet
from delineate.nets.blocks.recurrent_block import RecurrentBlock
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="R2U-Net",
    paper="Alom, Hasan, Yakopcic, Taha, Asari: Recurrent Residual Convolutional Neural Network based on U-Net "
    "(R2U-Net) for Medical Image Segmentation. arXiv 1802.06955, 2018",
    stride=16,
    differs="batch norm follows each convolution; a convolution and its norm serve all recurrent steps, so that the "
    "running statistics mix them, as in the reference",
    verified="parameters equal those of LeeJunHyun/Image_Segmentation with t=2",
    small={"widths": (4, 8, 8)},
)


@network("r2unet", CARD)
def build_r2unet(
    dims: int, in_channels: int, out_channels: int, widths: Any = (64, 128, 256, 512, 1024), steps: int = 2
) -> nn.Module:
    """``widths`` are the channels of each level, finest first; ``steps`` how often a convolution sees its answer."""
    block = partial(RecurrentBlock, dims, steps=steps)
    return enlarging_unet(dims, in_channels, out_channels, widths, block, gated=False)
