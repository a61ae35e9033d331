"""The U-Net with a residual encoder."""

from __future__ import annotations

from typing import Any

from torch import nn

from delineate.nets.blocks.topology import Topology
from delineate.nets.blocks.unet_stage import residual_stage
from delineate.nets.blocks.ushape import UShape
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="Residual-encoder U-Net",
    paper="Isensee, Wald, Ulrich, Baumgartner, Roy, Maier-Hein, Jaeger: nnU-Net Revisited: A Call for Rigorous "
    "Validation in 3D Medical Image Segmentation. MICCAI 2024; blocks after He, Zhang, Ren, Sun: Deep Residual "
    "Learning for Image Recognition. CVPR 2016",
    deep_supervision=True,
    differs="no bias in convolutions that a norm follows",
    verified="with shared weights it gives what ResidualEncoderUNet of dynamic-network-architectures 0.4.4 gives in "
    "2D and 3D",
)


@network("resenc_unet", CARD)
def build_resenc_unet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Any = (16, 32, 64, 128),
    strides: Any = None,
    kernels: Any = 3,
    blocks: Any = (1, 2, 2, 2),
    decoder_blocks: Any = 1,
    deep_supervision: int = 1,
) -> nn.Module:
    """``blocks`` counts residual blocks, ``decoder_blocks`` convolutions; see `Topology` for the rest."""
    topology = Topology.of(dims, widths, strides, kernels, blocks, decoder_blocks, deep_supervision)
    return UShape(topology, in_channels, out_channels, residual_stage, stem=True)
