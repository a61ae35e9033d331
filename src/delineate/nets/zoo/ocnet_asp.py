"""OCNet with object context beside dilated convolutions (ASP-OC)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="OCNet, ASP-OC",
    paper="Yuan, Huang, Guo, Zhang, Chen, Wang: OCNet: Object Context for Semantic Segmentation. arXiv 2018, IJCV 2021",
    stride=8,
    differs="logits at the input's size; BatchNorm and LeakyReLU 0.01 for in-place ABN; half the resolution is rounded "
    "up, and the context enlarged with cell centres aligned, not corners; in 3D the rates are 2, 4 and 6, as much of a "
    "small map as the paper's 12, 24 and 36 of its own",
    verified="parameters equal those of openseg-group/OCNet.pytorch (ResNet-101, auxiliary head)",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 32, "side_width": 8},
)


@network("ocnet_asp", CARD)
def build_ocnet_asp(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101s",
    output_stride: int = 8,
    width: int | None = None,
    rates: Any = None,
    side_width: int | None = 512,
    attention_gib: float = 2.0,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``rates`` are the dilations; None is (12, 24, 36), in 3D (2, 4, 6). Attention runs at half the map's resolution.
    ``width`` are the channels of the head, None a share of the backbone's; ``side_width`` those of the auxiliary head,
    on the last map but one. One map of attention may take ``attention_gib``. ``backbone_options`` go to the backbone,
    over the paper's dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="all", ceil_pool=True)
    head = {"width": width, "rates": rates, "attention_gib": attention_gib}
    side = {"level": -2, "width": side_width, "bias": True, "leaky": True}
    return segmenter(dims, in_channels, out_channels, backbone, "ocnet_asp", output_stride, resnet, head, side)
