"""Inf-Net: parallel reverse attention, guided by edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter
from delineate.nets.zoo.pranet import MULTICLASS

CARD = NetCard(
    title="Inf-Net",
    paper="Fan, Zhou, Ji, Zhou, Chen, Fu, Shen, Shao: Inf-Net: Automatic COVID-19 Lung Infection Segmentation from CT "
    "Images. TMI 2020",
    stride=32,
    differs=f"{MULTICLASS} (the paper gives its map to a second network instead); one edge map for all classes; maps "
    "are resized to sizes, not by factors; no ImageNet classifier left in the backbone; no semi-supervised training; "
    "in 3D the 1xk and kx1 convolutions of the receptive-field blocks are three",
    verified="parameters equal DengPingFan/Inf-Net less its unused classifier and, for several classes, their edge "
    "maps; with shared random weights and one class, the four maps the head makes of given features equal those of the "
    "published layers",
    small={
        "backbone": "resnet10",
        "width": 8,
        "deep_width": 16,
        "stage_width": 8,
        "backbone_options": {"width": 8},
    },
)


@network("infnet", CARD)
def build_infnet(  # noqa: PLR0913
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
    """``width`` are the channels of the partial decoder, ``deep_width`` those of the correction of the deepest map,
    ``stage_width`` those of the others and of the edge branch. ``background``: the first output is the background; set
    it to false for regions that may overlap."""
    head = {"width": width, "deep_width": deep_width, "stage_width": stage_width, "background": background}
    return segmenter(dims, in_channels, out_channels, backbone, "infnet", output_stride, backbone_options, head)
