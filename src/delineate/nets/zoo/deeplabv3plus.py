"""DeepLabv3+."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from delineate.nets.blocks.atrous_pyramid import default_rates
from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

CARD = NetCard(
    title="DeepLabv3+",
    paper="Chen, Zhu, Papandreou, Schroff, Adam: Encoder-Decoder with Atrous Separable Convolution for Semantic Image "
    "Segmentation. ECCV 2018",
    stride=16,
    differs="batch norm of the pooled branch passes over a batch of one; maps are enlarged with cell centres aligned, "
    "not corners as in the authors' release; in 3D a third of the paper's dilation rates, for volumes are shorter",
    small={"backbone": "resnet18", "width": 40, "backbone_options": {"width": 8}},
    verified="backbone by the layers of the authors' release, head counted by layer list; with ResNet the counts of "
    "segmentation-models-pytorch and of a port, less the norms they leave out; with shared weights the head gives what "
    "mmsegmentation 1.2.2's DepthwiseSeparableASPPHead gives, whose 3x3 convolution behind the pyramid is 1x1 here "
    "and in the paper",
)


@network("deeplabv3plus", CARD)
def build_deeplabv3plus(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "xception65",
    output_stride: int = 16,
    rates: Sequence[int] | None = None,
    width: int = 256,
    separable: bool = True,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``rates`` None are 6, 12, 18 at output stride 16 and twice that at 8; ``separable`` splits the head's 3x3
    convolutions."""
    head = {"rates": tuple(rates or default_rates(dims, output_stride)), "width": width, "separable": separable}
    return segmenter(dims, in_channels, out_channels, backbone, "deeplabv3plus", output_stride, backbone_options, head)
