"""EMANet: expectation-maximisation attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import dilated, segmenter

CARD = NetCard(
    title="EMANet",
    paper="Li, Zhong, Wu, Yang, Lin, Liu: Expectation-Maximization Attention Networks for Semantic Segmentation. "
    "ICCV 2019",
    stride=8,
    differs="the bases move in forward when training, not in the training loop; the last of the rounds passes a "
    "gradient on, without which the convolution before them never learns (as in the authors' code: "
    "last_step_learns=False); momentum of BatchNorm is torch's 0.1, not 3e-4, which suits long training only; logits "
    "are enlarged with cell centres aligned, not corners",
    verified="parameters equal those of XiaLiPKU/EMANet (ResNet-50 and 101); rounds and moving average against a loop; "
    "with shared weights the head gives what mmsegmentation 1.2.2's EMAHead gives in eval (2D)",
    small={"backbone": "resnet10", "backbone_options": {"width": 8}, "width": 64, "bases": 32},
)


@network("emanet", CARD)
def build_emanet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str = "resnet101s",
    output_stride: int = 8,
    width: int | None = None,
    bases: int = 64,
    steps: int = 3,
    last_step_learns: bool = True,
    backbone_options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """``bases`` directions are found in ``steps`` rounds; ``last_step_learns`` lets a gradient through the last.
    ``width`` are the channels of the head, None a share of the backbone's. ``backbone_options`` go to the backbone,
    over the paper's dilation where it is a ResNet.
    """
    resnet = dilated(backbone, backbone_options, dilation="first_previous", multi_grid=(1, 2, 4))
    head = {"width": width, "bases": bases, "steps": steps, "last_step_learns": last_step_learns}
    return segmenter(dims, in_channels, out_channels, backbone, "emanet", output_stride, resnet, head)
