"""PSPNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

CARD = NetCard(
    title="PSPNet",
    paper="Zhao, Shi, Qi, Wang, Jia: Pyramid Scene Parsing Network. CVPR 2017",
    stride=8,
    differs="logits are enlarged with cell centres aligned, not corners; any size",
    small={"backbone": "resnet18", "width": 64, "backbone_options": {"width": 8}},
    verified="parameter counts of the authors' semseg with ResNet-50 and ResNet-101, exactly; with shared "
    "weights the head gives what mmsegmentation 1.2.2's PSPHead gives, the backbone what timm 1.0.31's resnet50s does",
)


@network("pspnet", CARD)
def build_pspnet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet50s",
    output_stride: int = 8,
    bins: tuple[int, ...] = (1, 2, 3, 6),
    width: int | None = None,
    side: bool = True,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``bins`` are windows per axis of the pyramid, ``width`` the channels before the logits (512 for ResNet-50);
    ``side`` is an auxiliary output of the last map but one, in training, weighing 0.4."""
    head = {"bins": tuple(bins), "width": width}
    sides = {"level": -2} if side else None
    return segmenter(dims, in_channels, out_channels, backbone, "ppm", output_stride, backbone_options, head, sides)
