"""FCN on a dilated ResNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

CARD = NetCard(
    title="FCN on a dilated ResNet",
    paper="Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015; backbone of "
    "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition. CVPR 2016",
    stride=8,
    differs="torchvision's form, not a paper's; the side output weighs 0.4 (torchvision trains with 0.5)",
    small={"backbone": "resnet18", "backbone_options": {"width": 8, "dilation": "first_previous"}},
    verified="parameter counts of torchvision's fcn_resnet50 and fcn_resnet101, exactly; with shared weights both "
    "outputs of the former (torchvision 0.29.2)",
)


@network("fcn_resnet", CARD)
def build_fcn_resnet(
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet50",
    output_stride: int = 8,
    side: bool = True,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``side`` is an auxiliary output of the last map but one, in training."""
    if backbone_options is None:
        backbone_options = {"dilation": "first_previous"} if backbone.startswith("res") else {}
    sides = {"level": -2} if side else None
    return segmenter(dims, in_channels, out_channels, backbone, "fcn", output_stride, backbone_options, side=sides)
