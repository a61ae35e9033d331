"""ANN: asymmetric non-local attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="Asymmetric Non-local Neural Network (ANN, ANNNet)",
    paper="Zhu, Xu, Bai, Huang, Bai: Asymmetric Non-local Neural Networks for Semantic Segmentation. ICCV 2019",
    stride=8,
    differs="756 anchors in a volume, 110 in a picture; bilinear interpolation without aligned corners",
    verified="parameters equal those of MendelXu/ANN (ResNet-101, auxiliary head); attention against a loop; "
    "with shared weights the head gives what mmsegmentation 1.2.2's ANNHead gives (2D)",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 64, "side_width": 8},
)


@network("ann", CARD, aliases=("annnet", "annn"))
def build_ann(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101s",
    output_stride: int = 8,
    width: int | None = None,
    side_width: int | None = 512,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """The head joins the last two maps; memory is linear in the voxels. ``width`` are the channels of the head, None a
    share of the backbone's; ``side_width`` those of the auxiliary head, on the last map but one. ``backbone_options``
    go to the backbone, over the paper's dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="first_previous")
    head = {"width": width}
    side = {"level": -2, "width": side_width, "bias": True, "dropout": 0.05}
    return segmenter(dims, in_channels, out_channels, backbone, "ann", output_stride, resnet, head, side)
