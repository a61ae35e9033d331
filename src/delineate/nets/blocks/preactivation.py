"""`PreActivation`: a residual unit whose norms and ReLUs come before its convolutions (He et al., ECCV 2016)."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm


class PreActivation(nn.Module):
    """Twice batch norm, ReLU and a 3-wide convolution, the first of which strides, plus a shortcut.

    The shortcut is a 1-wide convolution with batch norm. The ``first`` unit of a network has nothing to normalise: its
    first convolution sees the image.
    """

    def __init__(
        self, dims: int, in_channels: int, out_channels: int, stride: int = 1, first: bool = False, bias: bool = True
    ) -> None:
        super().__init__()
        conv = Layers(dims).conv
        start = [] if first else norm_relu(in_channels)
        self.body = nn.Sequential(
            *start,
            conv(in_channels, out_channels, 3, stride, 1, bias=bias),
            *norm_relu(out_channels),
            conv(out_channels, out_channels, 3, padding=1, bias=bias),
        )
        self.shortcut = nn.Sequential(conv(in_channels, out_channels, 1, stride, bias=bias), BatchNorm(out_channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *ceil(size / stride)]``."""
        return self.body(x) + self.shortcut(x)


def norm_relu(channels: int) -> list[nn.Module]:
    """Batch norm and ReLU."""
    return [BatchNorm(channels), nn.ReLU(inplace=True)]
