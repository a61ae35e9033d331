"""HighResNet (HighRes3DNet): residual blocks of growing dilation at full resolution."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.conv_unit import conv_unit, norm_act, same_conv
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm

CARD = NetCard(
    title="HighResNet (HighRes3DNet)",
    paper="Li, Wang, Fidon, Ourselin, Cardoso, Vercauteren: On the Compactness, Efficiency, and Representation of 3D "
    "Convolutional Networks: Brain Parcellation as a Pretext Task. IPMI 2017",
    stride=1,
    differs="in 2D it is an adaptation (the paper's is 3D); no activation after the last batch norm, which MONAI has",
    verified="parameter count equal to MONAI's HighResNet and to fepegar/highresnet in both dims; output equal to "
    "MONAI 1.6.1's with shared weights in both dims, before its last ReLU",
    small={"widths": (8, 16), "blocks": 1, "bottleneck": 16},
)


class HighResBlock(nn.Module):
    """Batch norm, ReLU and a dilated convolution, twice, plus the input, filled up with zero channels on both sides."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *norm_act(in_channels),
            same_conv(dims, in_channels, out_channels, 3, dilation=dilation),
            *norm_act(out_channels),
            same_conv(dims, out_channels, out_channels, 3, dilation=dilation),
        )
        before = (out_channels - in_channels) // 2
        self.fill = (before, out_channels - in_channels - before)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        filled = F.pad(x, [0, 0] * (x.ndim - 2) + list(self.fill)) if any(self.fill) else x
        return filled + self.body(x)


class HighResNet(nn.Module):
    """A convolution, groups of `HighResBlock` of dilation 1, 2, 4, a 1-wide bottleneck with dropout, 1-wide logits."""

    def __init__(
        self,
        dims: int,
        in_channels: int,
        out_channels: int,
        widths: Sequence[int],
        blocks: int,
        bottleneck: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        layers: list[nn.Module] = [conv_unit(dims, in_channels, widths[0])]
        width = widths[0]
        for i, wanted in enumerate(widths):
            for _ in range(blocks):
                layers.append(HighResBlock(dims, width, wanted, 2**i))
                width = wanted
        if bottleneck:
            layers += [conv_unit(dims, width, bottleneck, 1), Layers(dims).dropout(dropout)]
        layers += [same_conv(dims, bottleneck or width, out_channels, 1), BatchNorm(out_channels)]
        self.body = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        return self.body(x)


@network("highresnet", CARD, aliases=("highres3dnet", "highresnet2d"))
def build_highresnet(
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Sequence[int] = (16, 32, 64),
    blocks: int = 3,
    bottleneck: int = 80,
    dropout: float = 0.5,
) -> nn.Module:
    """``blocks`` residual blocks of each width; ``bottleneck`` 0 leaves that layer and its dropout out."""
    return HighResNet(dims, in_channels, out_channels, tuple(widths), blocks, bottleneck, dropout)
