"""DeepLabv3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from delineate.nets.blocks.atrous_pyramid import default_rates
from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

CARD = NetCard(
    title="DeepLabv3",
    paper="Chen, Papandreou, Schroff, Adam: Rethinking Atrous Convolution for Semantic Image Segmentation. "
    "arXiv 1706.05587, 2017",
    stride=16,
    differs="a 3x3 convolution before the logits, as in torchvision; batch norm of the pooled branch passes over a "
    "batch of one; in 3D a third of the paper's dilation rates, for volumes are shorter",
    small={"backbone": "resnet18", "width": 64, "backbone_options": {"width": 8}},
    verified="parameter counts of torchvision's deeplabv3_resnet50 and deeplabv3_resnet101, exactly; with shared "
    "weights both outputs of the former (torchvision 0.29.2) at output stride 8",
)


@network("deeplabv3", CARD)
def build_deeplabv3(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet50",
    output_stride: int = 16,
    rates: Sequence[int] | None = None,
    width: int = 256,
    side: bool = False,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``rates`` None are 6, 12, 18 at output stride 16 and twice that at 8. The paper's backbone has the multi-grid
    1, 2, 4 and every block dilated; torchvision's network is ``output_stride=8``, ``side=True`` (an auxiliary output)
    and ``backbone_options={"dilation": "first_previous"}``: options that are given stand for themselves, without a
    multi-grid if they name none."""
    if backbone_options is None:
        backbone_options = {"multi_grid": (1, 2, 4)} if backbone.startswith("res") else {}
    head = {"rates": tuple(rates or default_rates(dims, output_stride)), "width": width}
    sides = {"level": -2} if side else None
    return segmenter(dims, in_channels, out_channels, backbone, "aspp", output_stride, backbone_options, head, sides)
