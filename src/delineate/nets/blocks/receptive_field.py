"""`ReceptiveField`: one map seen through windows of several sizes."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.layers import Layers

KERNELS = (3, 5, 7)
"""Side of the window of each branch, and dilation of the convolution after it."""


class ReceptiveField(nn.Module):
    """The receptive field block (Liu, Huang, Wang, ECCV 2018) as PraNet has it (Fan et al., MICCAI 2020).

    Four branches, joined by a 3-wide convolution and added to a 1-wide one of the map before the only ReLU. Each starts
    1-wide; three go on with a window of side 3, 5 or 7 made of one-dimensional convolutions, the last axis first (1xk,
    then kx1; in 3D three of them), and a 3-wide convolution dilated by that side. Batch norm follows each.
    """

    def __init__(self, dims: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(_branch(dims, in_channels, out_channels, k) for k in (1, *KERNELS))
        self.join = conv_unit(dims, (1 + len(KERNELS)) * out_channels, out_channels, act="none")
        self.shortcut = conv_unit(dims, in_channels, out_channels, 1, act="none")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        joined = self.join(torch.cat([branch(x) for branch in self.branches], dim=1))
        return torch.relu(joined + self.shortcut(x))


def _branch(dims: int, in_channels: int, width: int, kernel: int) -> nn.Sequential:
    """A 1-wide convolution; if ``kernel`` is larger, the window of that side and the dilated convolution too."""
    parts = [conv_unit(dims, in_channels, width, 1, act="none")]
    if kernel > 1:
        lines = [Layers(dims).along(axis, kernel) for axis in reversed(range(dims))]
        parts += [conv_unit(dims, width, width, line, act="none") for line in lines]
        parts.append(conv_unit(dims, width, width, 3, dilation=kernel, act="none"))
    return nn.Sequential(*parts)
