"""PraNet: parallel reverse attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

MULTICLASS = (
    "a map per class at each step, where the reference has one of a single class; attention is reversed by the "
    "background's softmax probability, which for one foreground is the reference's 1 - sigmoid"
)
"""How the three networks with reverse attention (PraNet, Inf-Net, CaraNet) tell several classes apart."""

CARD = NetCard(
    title="PraNet",
    paper="Fan, Ji, Zhou, Chen, Fu, Shen, Shao: PraNet: Parallel Reverse Attention Network for Polyp Segmentation. "
    "MICCAI 2020",
    stride=32,
    differs=f"{MULTICLASS}; maps are resized to sizes, not by factors; no ImageNet classifier left in the backbone; in "
    "3D the 1xk and kx1 convolutions of the receptive-field blocks are three",
    verified="parameters equal DengPingFan/PraNet less its unused classifier; with shared random weights and "
    "one class, the four maps the head makes of given features equal those of the published layers",
    small={
        "backbone": "resnet10",
        "width": 8,
        "deep_width": 16,
        "stage_width": 8,
        "backbone_options": {"width": 8},
    },
)


@network("pranet", CARD)
def build_pranet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "res2net50",
    output_stride: int = 32,
    width: int = 32,
    deep_width: int = 256,
    stage_width: int = 64,
    background: bool = True,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``width`` are the channels of the partial decoder, ``deep_width`` and ``stage_width`` those of the corrections of
    the deepest map and of the others. ``background``: the first output is the background; set it to false for regions
    that may overlap."""
    head = {"width": width, "deep_width": deep_width, "stage_width": stage_width, "background": background}
    return segmenter(dims, in_channels, out_channels, backbone, "pranet", output_stride, backbone_options, head)
