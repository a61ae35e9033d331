"""GCN: a global convolutional network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from delineate.nets.heads.gcn import BoundaryRefine
from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import Segmenter, segmenter

CARD = NetCard(
    title="GCN",
    paper="Peng, Zhang, Yu, Luo, Sun: Large Kernel Matters: Improve Semantic Segmentation by Global Convolutional "
    "Network. CVPR 2017",
    stride=32,
    differs="linear interpolation for the paper's transposed convolutions; in 3D a large kernel is three of one "
    "dimension, summed over three orders of the axes",
    verified="parameter count equal to ZijunDeng's GCN (ResNet-152, kernel 7); the large window against a dense one",
    small={"backbone": "resnet10", "kernel": 5, "backbone_options": {"width": 8}},
)


class Gcn(nn.Module):
    """A `Segmenter` and boundary refinement of its logits at full size."""

    def __init__(self, body: Segmenter, dims: int, out_channels: int) -> None:
        super().__init__()
        self.body = body
        self.refine = BoundaryRefine(dims, out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        return self.refine(self.body(x))


@network("gcn", CARD)
def build_gcn(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet152",
    output_stride: int = 32,
    kernel: int = 15,
    width: int | None = None,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``kernel`` is the side of the large windows, odd; ``width`` the channels of the decoder, None for one per class,
    as in the paper."""
    head = {"kernel": kernel, "width": width}
    body = segmenter(dims, in_channels, out_channels, backbone, "gcn", output_stride, backbone_options, head)
    return Gcn(body, dims, out_channels)
