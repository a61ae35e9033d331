"""The efficient spatial pyramid (ESP) block and the encoder made of it."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit, norm_act, same_conv
from delineate.nets.blocks.local_mean import LocalMean

DILATIONS = (1, 2, 4, 8, 16)
EPS = 1e-3
"""Of every batch norm of the reference."""


class EspBlock(nn.Module):
    """Reduce, split into five dilations, add up, concatenate (Mehta et al., ECCV 2018, section 3).

    A 1-wide convolution (3-wide and striding where the block strides) reduces to a fifth of the channels; five parallel
    3-wide convolutions of dilation 1 to 16 follow. Against gridding, the maps of dilation 2 and up are summed one after
    the other; dilation 1 stays out of that sum. With ``residual``, the input is added before batch norm and PReLU.
    """

    def __init__(self, dims: int, in_channels: int, out_channels: int, stride: int = 1, residual: bool = False) -> None:
        super().__init__()
        narrow = out_channels // len(DILATIONS)
        first = out_channels - (len(DILATIONS) - 1) * narrow
        self.reduce = same_conv(dims, in_channels, narrow, 1 if stride == 1 else 3, stride)
        self.branches = nn.ModuleList(
            same_conv(dims, narrow, narrow if i else first, dilation=d) for i, d in enumerate(DILATIONS)
        )
        self.residual = residual
        self.norm = norm_act(out_channels, "prelu", EPS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *ceil(size / stride)]``."""
        reduced = self.reduce(x)
        near, running, *others = (branch(reduced) for branch in self.branches)
        parts = [near, running]
        for other in others:
            running = running + other
            parts.append(running)
        out = torch.cat(parts, dim=1)
        return self.norm(out + x if self.residual else out)


class EspEncoder(nn.Module):
    """Three levels of ESP blocks, each also fed the image averaged down to its size; widths 1, 4 and 8 times ``width``.

    ``channels`` are those of the three maps.
    """

    def __init__(self, dims: int, in_channels: int, width: int, level2_blocks: int, level3_blocks: int) -> None:
        super().__init__()
        one, two, three = width, 4 * width, 8 * width
        self.channels = (one + in_channels, 2 * two + in_channels, 2 * three)
        self.shrink = LocalMean(dims, 2)
        self.level1 = conv_unit(dims, in_channels, one, 3, 2, act="prelu", eps=EPS)
        self.down2 = EspBlock(dims, self.channels[0], two, stride=2)
        self.level2 = nn.Sequential(*(EspBlock(dims, two, two, residual=True) for _ in range(level2_blocks)))
        self.down3 = EspBlock(dims, self.channels[1], three, stride=2)
        self.level3 = nn.Sequential(*(EspBlock(dims, three, three, residual=True) for _ in range(level3_blocks)))
        self.joins = nn.ModuleList(norm_act(c, "prelu", EPS) for c in self.channels)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in, *size]``, a multiple of 8, to maps at 1/2, 1/4 and 1/8."""
        half = self.shrink(x)
        first = self.joins[0](torch.cat((self.level1(x), half), dim=1))
        down = self.down2(first)
        second = self.joins[1](torch.cat((self.level2(down), down, self.shrink(half)), dim=1))
        down = self.down3(second)
        third = self.joins[2](torch.cat((down, self.level3(down)), dim=1))
        return [first, second, third]
