"""DANet: attention between places and between channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="DANet",
    paper="Fu, Liu, Tian, Li, Bao, Fang, Lu: Dual Attention Network for Scene Segmentation. CVPR 2019",
    dims=(2,),
    flat_only="its map of all pairs of voxels grows with the sixth power of the edge; take ann, emanet or ccnet",
    stride=8,
    differs="channel products in float32 also in half precision; bilinear interpolation without aligned corners",
    verified="parameters equal those of junfu1115/DANet (ResNet-50 and 101); both attentions against loops; "
    "with shared weights the head gives the sum's logits of mmsegmentation 1.2.2's DAHead",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 32},
)


@network("danet", CARD)
def build_danet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101",
    output_stride: int = 8,
    width: int | None = None,
    attention_gib: float = 2.0,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """The logits of both branches are outputs for training, ``position`` and ``channel``; the answer is their sum's.
    ``width`` are the channels of the head, None a share of the backbone's. One map of attention may take
    ``attention_gib``. ``backbone_options`` go to the backbone, over the paper's dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="first_previous", multi_grid=(2, 2, 4))
    head = {"width": width, "attention_gib": attention_gib}
    return segmenter(dims, in_channels, out_channels, backbone, "danet", output_stride, resnet, head)
