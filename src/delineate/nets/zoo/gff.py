"""GFFNet: gated full fusion over a dilated residual network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

CARD = NetCard(
    title="GFFNet",
    paper="Li, Zhao, Han, Tong, Tan, Yang: Gated Fully Fusion for Semantic Segmentation. AAAI 2020",
    stride=8,
    differs="no count is published: dilation (all blocks), the widths of the pyramid pooling (a quarter each) and of "
    "the auxiliary head (1/4 of its map) are those of PSPNet; all levels are fused at once, as in the equation (the "
    "code available overwrites one level before it fuses the next)",
    verified="the fusion against the equation, voxel by voxel; no faithful reference exists; with the head gff_aspp, "
    "parameters equal those of lxtGH/DecoupleSegNets DeepWV3PlusGFFNet",
    small={"backbone": "resnet10", "width": 8, "backbone_options": {"width": 8}},
)


@network("gff", CARD, aliases=("gffnet",))
def build_gff(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101",
    output_stride: int = 8,
    head: str = "gff",
    width: int | None = None,
    side: bool = True,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``width`` are the channels of every level, None for the head's own (256); ``side`` adds the auxiliary head on the
    last map but one. The head "gff_aspp" over the backbone "wideresnet38" is what the author published (128 channels).
    """
    parts = {} if width is None else {"width": width}
    sides = {"level": -2} if side else None
    return segmenter(dims, in_channels, out_channels, backbone, head, output_stride, backbone_options, parts, sides)
