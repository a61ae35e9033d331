"""PSANet: point-wise spatial attention, collected and distributed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="PSANet",
    paper="Zhao, Zhang, Liu, Shi, Loy, Lin, Jia: PSANet: Point-wise Spatial Attention Network for Scene Parsing. "
    "ECCV 2018",
    dims=(2,),
    flat_only="each place would predict a weight for every voxel of a window, (2D-1)(2H-1)(2W-1) channels",
    stride=8,
    differs="any input size: in a shrunk map larger than the mask reaches, places outside the window get no weight "
    "(the authors' crops have one size); enlarged to the size of what follows, never by a factor; "
    "logits are enlarged with cell centres aligned, not corners",
    verified="parameters equal those of hszhao/semseg (ResNet-50 and 101, mask 59, auxiliary head); collecting and "
    "distributing against a loop over all pairs of places; with shared weights the head gives what mmsegmentation "
    "1.2.2's PSAHead gives without the margin that this has around a 1x1 convolution",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 32, "mask": 7, "side_width": 8},
)


@network("psanet", CARD)
def build_psanet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101s",
    output_stride: int = 8,
    width: int | None = None,
    mask: int = 59,
    side_width: int | None = 256,
    attention_gib: float = 2.0,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``mask`` is the side of the window of places that each place weighs, odd; 59 serves crops of 465 in full.
    ``width`` are the channels of the head, None a share of the backbone's; ``side_width`` those of the auxiliary head,
    on the last map but one. One map of attention may take ``attention_gib``. ``backbone_options`` go to the backbone,
    over the paper's dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="all")
    head = {"width": width, "mask": mask, "attention_gib": attention_gib}
    side = {"level": -2, "width": side_width}
    return segmenter(dims, in_channels, out_channels, backbone, "psanet", output_stride, resnet, head, side)
