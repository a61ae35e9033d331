"""The plain U-Net as nnU-Net configures it."""

from __future__ import annotations

from typing import Any

from torch import nn

from delineate.nets.blocks.topology import Topology
from delineate.nets.blocks.unet_stage import plain_stage
from delineate.nets.blocks.ushape import UShape
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="Plain U-Net of nnU-Net",
    paper="Isensee, Jaeger, Kohl, Petersen, Maier-Hein: nnU-Net: a self-configuring method for deep learning-based "
    "biomedical image segmentation. Nature Methods 2021; after Ronneberger, Fischer, Brox: U-Net. MICCAI 2015",
    deep_supervision=True,
    differs="no bias in convolutions that a norm follows",
    verified="with shared weights it gives what PlainConvUNet of dynamic-network-architectures 0.4.4 gives in 2D and "
    "3D",
)


@network("plain_unet", CARD)
def build_plain_unet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Any = (16, 32, 64, 128),
    strides: Any = None,
    kernels: Any = 3,
    blocks: Any = 2,
    decoder_blocks: Any = 2,
    deep_supervision: int = 1,
) -> nn.Module:
    """``blocks`` and ``decoder_blocks`` count convolutions per stage; see `Topology` for the rest."""
    topology = Topology.of(dims, widths, strides, kernels, blocks, decoder_blocks, deep_supervision)
    return UShape(topology, in_channels, out_channels, plain_stage, stem=False)
