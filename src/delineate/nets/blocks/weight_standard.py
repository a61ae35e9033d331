"""Residual blocks of weight-standardised convolutions and group norm, as in Big Transfer and the hybrid ViT."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.nd import check_dims
from delineate.nets.norm import InstanceNorm
from delineate.nets.short_map import ShortMapConv2d, ShortMapConv3d


class StandardConv2d(ShortMapConv2d):
    """A convolution whose filters are `standardised` whenever they are used."""

    def _conv_forward(self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        return super()._conv_forward(x, standardised(weight), bias)


class StandardConv3d(ShortMapConv3d):
    """`StandardConv2d` of a volume."""

    def _conv_forward(self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        return super()._conv_forward(x, standardised(weight), bias)


def standardised(weight: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """Each filter ``weight[i]`` with mean 0 and variance 1 (Qiao et al., Weight Standardization, arXiv 1903.10520)."""
    axes = list(range(1, weight.ndim))
    variance, mean = torch.var_mean(weight, dim=axes, correction=0, keepdim=True)
    return (weight - mean) * torch.rsqrt(variance + eps)


def standard_conv(
    dims: int, inputs: int, outputs: int, kernel: int = 1, stride: int = 1
) -> StandardConv2d | StandardConv3d:
    """One that keeps the size (divided by ``stride``), without bias."""
    layer = StandardConv2d if check_dims(dims) == 2 else StandardConv3d
    return layer(inputs, outputs, kernel, stride, kernel // 2, bias=False)


def group_norm(channels: int) -> nn.GroupNorm:
    """32 groups, fewer where a group would have a single channel: one voxel of one channel has no spread."""
    groups = next(g for g in (32, 16, 8, 4, 2, 1) if (channels % g == 0 and channels >= 2 * g) or g == 1)
    return nn.GroupNorm(groups, channels, eps=1e-6)


class StandardBottleneck(nn.Module):
    """1x1, 3x3 (which strides) and 1x1 convolution to four times the ``width``, around a shortcut.

    He et al., Identity Mappings in Deep Residual Networks. ECCV 2016, lends ResNetV2 its name; this block, as in the
    hybrid of Dosovitskiy et al., An Image is Worth 16x16 Words. ICLR 2021, activates after the sum.
    """

    def __init__(self, dims: int, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        outputs = 4 * width
        self.conv1, self.gn1 = standard_conv(dims, inputs, width), group_norm(width)
        self.conv2, self.gn2 = standard_conv(dims, width, width, 3, stride), group_norm(width)
        self.conv3, self.gn3 = standard_conv(dims, width, outputs), group_norm(outputs)
        self.downsample: nn.Module | None = None
        if stride > 1 or inputs != outputs:  # one group per channel in the shortcut, as in the published weights
            self.downsample = nn.Sequential(standard_conv(dims, inputs, outputs, 1, stride), InstanceNorm(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, 4 * width, *ceil(size / stride)]``."""
        out = F.relu(self.gn1(self.conv1(x)))
        out = F.relu(self.gn2(self.conv2(out)))
        return F.relu(self.gn3(self.conv3(out)) + (x if self.downsample is None else self.downsample(x)))
