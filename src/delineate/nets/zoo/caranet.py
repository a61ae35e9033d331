"""CaraNet: reverse attention on axial context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter
from delineate.nets.zoo.pranet import MULTICLASS

CARD = NetCard(
    title="CaraNet",
    paper="Lou, Guan, Ko, Loew: CaraNet: Context Axial Reverse Attention Network for Segmentation of Small Medical "
    "Objects. SPIE Medical Imaging 2022",
    stride=32,
    differs=f"{MULTICLASS}; axial attention along the true axes, line by line, where the reference's attention along "
    "the height reshapes without transposing and so runs along the width, with one score for all lines; a pyramid for "
    "each map, where the reference uses one twice and another never; maps are resized to sizes, not by factors; no "
    "ImageNet classifier left in the backbone; in 3D attention along a third axis",
    verified="parameters equal AngeLouCN/CaraNet less its unused classifier; with shared random weights, one "
    "class and gamma 0, the four maps the head makes of given features equal those of the published layers; axial "
    "attention against a loop",
    small={"backbone": "resnet10", "width": 16, "dilation": 4, "backbone_options": {"width": 8}},
)


@network("caranet", CARD)
def build_caranet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "res2net101",
    output_stride: int = 32,
    width: int = 32,
    dilation: int = 8,
    background: bool = True,
    attention_gib: float = 2.0,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``width`` are the channels of all after the backbone, a multiple of 16; ``dilation`` the largest of the pyramid
    less one. ``background``: the first output is the background; set it to false for regions that may overlap. A map
    whose scores would exceed ``attention_gib`` is refused."""
    head = {"width": width, "dilation": dilation, "background": background, "attention_gib": attention_gib}
    return segmenter(dims, in_channels, out_channels, backbone, "caranet", output_stride, backbone_options, head)
