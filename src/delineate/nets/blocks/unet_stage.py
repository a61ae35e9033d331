"""A stage of the planner's U-Nets: convolutions with norm and activation, or residual blocks, and how they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.nd import AveragePool, conv
from delineate.nets.norm import InstanceNorm

SLOPE = 0.01
"""Of every leaky ReLU (Isensee et al. 2021)."""


class ConvNorm(nn.Module):
    """Convolution, instance norm and, unless ``act`` is off, leaky ReLU. No bias: the norm would take it away again."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: Sequence[int], stride: Sequence[int], act: bool = True
    ) -> None:
        super().__init__()
        self.conv = conv(in_channels, out_channels, kernel, stride, bias=False)
        self.norm = InstanceNorm(out_channels)
        self.act = act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *(size / stride)]``."""
        x = self.norm(self.conv(x))
        return F.leaky_relu_(x, SLOPE) if self.act else x


class ResidualBlock(nn.Module):
    """Two convolutions around a shortcut (He et al., CVPR 2016; shortcut of He et al., CVPR 2019, "ResNet-D").

    The shortcut averages where the block strides, and a 1-wide convolution with norm follows where the width changes.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: Sequence[int], stride: Sequence[int]) -> None:
        super().__init__()
        ones = (1,) * len(kernel)
        self.first = ConvNorm(in_channels, out_channels, kernel, stride)
        self.second = ConvNorm(out_channels, out_channels, kernel, ones, act=False)
        shortcut: list[nn.Module] = []
        if max(stride) > 1:
            shortcut.append(AveragePool(stride))
        if in_channels != out_channels:
            shortcut.append(ConvNorm(in_channels, out_channels, ones, ones, act=False))
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *(size / stride)]``."""
        return F.leaky_relu_(self.second(self.first(x)).add_(self.shortcut(x)), SLOPE)


def plain_stage(
    in_channels: int, out_channels: int, kernel: Sequence[int], stride: Sequence[int], blocks: int
) -> nn.Module:
    """``blocks`` convolutions with norm and activation; the first one strides."""
    return _stage(ConvNorm, in_channels, out_channels, kernel, stride, blocks)


def residual_stage(
    in_channels: int, out_channels: int, kernel: Sequence[int], stride: Sequence[int], blocks: int
) -> nn.Module:
    """``blocks`` residual blocks; the first one strides."""
    return _stage(ResidualBlock, in_channels, out_channels, kernel, stride, blocks)


def _stage(
    block: Callable[[int, int, Sequence[int], Sequence[int]], nn.Module],
    in_channels: int,
    out_channels: int,
    kernel: Sequence[int],
    stride: Sequence[int],
    blocks: int,
) -> nn.Module:
    first = block(in_channels, out_channels, kernel, stride)
    ones = (1,) * len(kernel)
    return nn.Sequential(first, *(block(out_channels, out_channels, kernel, ones) for _ in range(1, blocks)))


def init_he(net: nn.Module) -> None:
    """He initialisation of every convolution for leaky ReLU; a residual block starts as its shortcut (its last norm
    scales by zero; Goyal et al., arXiv 1706.02677)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d | nn.ConvTranspose2d | nn.ConvTranspose3d):
            nn.init.kaiming_normal_(module.weight, a=SLOPE)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in net.modules():
        if isinstance(module, ResidualBlock):
            nn.init.zeros_(module.second.norm.weight)
