"""CCNet: criss-cross attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="CCNet",
    paper="Huang, Wang, Huang, Huang, Wei, Liu: CCNet: Criss-Cross Attention for Semantic Segmentation. ICCV 2019",
    stride=8,
    differs="in 3D three lines cross in a voxel, which is masked in two of them, and three rounds reach every voxel; "
    "logits at the input's size; BatchNorm and LeakyReLU 0.01 for in-place ABN",
    verified="parameters equal those of speedinghzl/CCNet (ResNet-101, auxiliary head); attention against a loop over "
    "voxels; with shared weights the head gives what mmsegmentation 1.2.2's CCHead gives with a leaky ReLU (2D)",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 32, "side_width": 8},
)


@network("ccnet", CARD)
def build_ccnet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101s",
    output_stride: int = 8,
    width: int | None = None,
    recurrence: int | None = None,
    side_width: int | None = 512,
    attention_gib: float = 2.0,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``recurrence`` rounds of attention share their weights; None is one for each dimension. ``width`` are the
    channels of the head, None a share of the backbone's; ``side_width`` those of the auxiliary head, on the last map
    but one. One map of attention may take ``attention_gib``. ``backbone_options`` go to the backbone, over the paper's
    dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="all", ceil_pool=True)
    head = {"width": width, "recurrence": recurrence, "attention_gib": attention_gib}
    side = {"level": -2, "width": side_width, "bias": True, "leaky": True}
    return segmenter(dims, in_channels, out_channels, backbone, "ccnet", output_stride, resnet, head, side)
