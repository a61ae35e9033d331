"""OCNet with object context of ever smaller blocks (Pyramid-OC)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="OCNet, Pyramid-OC",
    paper="Yuan, Huang, Guo, Zhang, Chen, Wang: OCNet: Object Context for Semantic Segmentation. arXiv 2018, IJCV 2021",
    dims=(2,),
    flat_only="its map of all pairs of voxels grows with the sixth power of the edge; take ocnet_asp, ann or emanet",
    stride=8,
    differs="logits at the input's size; BatchNorm and LeakyReLU 0.01 for in-place ABN; blocks as even as can be, "
    "where the authors' last takes the rest; behind the first convolution and in the auxiliary head the LeakyReLU that "
    "Base-OC has there, and that the authors' code leaves out in this one",
    verified="parameters equal those of openseg-group/OCNet.pytorch (ResNet-101, auxiliary head)",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 32, "side_width": 8},
)


@network("ocnet_pyramid", CARD)
def build_ocnet_pyramid(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101s",
    output_stride: int = 8,
    width: int | None = None,
    side_width: int | None = 512,
    attention_gib: float = 2.0,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """Every place looks at those of its block, for grids of 1, 2, 3 and 6 blocks along each axis. ``width`` are the
    channels of the head, None a share of the backbone's; ``side_width`` those of the auxiliary head, on the last map
    but one. One map of attention may take ``attention_gib``. ``backbone_options`` go to the backbone, over the paper's
    dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="all", ceil_pool=True)
    head = {"width": width, "attention_gib": attention_gib}
    side = {"level": -2, "width": side_width, "bias": True, "leaky": True, "dropout": 0.05}
    return segmenter(dims, in_channels, out_channels, backbone, "ocnet_pyramid", output_stride, resnet, head, side)
