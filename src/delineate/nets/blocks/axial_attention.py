"""`axial_attention`: every voxel looks along the lines through it, one axis after another."""

from __future__ import annotations

from math import prod

import torch
from torch import nn

from delineate.nets.blocks.attention import check_attention, lines
from delineate.nets.blocks.conv_unit import same_conv


class LineAttention(nn.Module):
    """``x`` plus ``gamma`` (0 at first) times what each voxel gathers from its own line along ``axis`` (of the space).

    Scores are sigmoids, not a softmax; ``channels // 8`` key channels.
    """

    def __init__(self, dims: int, channels: int, axis: int, attention_gib: float = 2.0) -> None:
        super().__init__()
        keys = max(1, channels // 8)
        self.axis, self.attention_gib = axis, attention_gib
        self.query, self.key = same_conv(dims, channels, keys, 1), same_conv(dims, channels, keys, 1)
        self.value = same_conv(dims, channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same.

        Raises:
            UsageError: the scores would exceed ``attention_gib``.
        """
        size = x.shape[2:]
        check_attention(x.shape[0], prod(size), size[self.axis], self.attention_gib)
        query, key, value = (lines(layer(x), self.axis) for layer in (self.query, self.key, self.value))
        scores = torch.sigmoid(query @ key.transpose(-1, -2))  # [b, *the other axes, length, length]
        gathered = (scores.to(value.dtype) @ value).movedim(-2, 1 + self.axis).movedim(-1, 1)
        return self.gamma * gathered + x


def axial_attention(dims: int, channels: int, attention_gib: float = 2.0) -> nn.Sequential:
    """A 1-wide and a 3-wide convolution, then `LineAttention` along each axis, the first one first (in 2D height, then
    width), as in CaraNet (Lou, Guan, Ko, Loew, SPIE Medical Imaging 2022) after Ho et al. (arXiv 1912.12180)."""
    each = (LineAttention(dims, channels, axis, attention_gib) for axis in range(dims))
    return nn.Sequential(same_conv(dims, channels, channels, 1), same_conv(dims, channels, channels, 3), *each)
