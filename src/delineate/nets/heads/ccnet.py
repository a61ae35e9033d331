"""Criss-cross attention: along the lines through a voxel, again and again."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.attention import check_attention, lines
from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers


class CrissCrossAttention(nn.Module):
    """``x`` plus ``gamma`` (0 at first) times what each voxel gathers from the lines through it, one along each axis.

    One softmax runs over all lines together. The voxel itself lies on each of them and counts once: it is masked in all
    lines but the last, in 2D the column, in 3D two of three. ``channels // 8`` key channels.
    """

    def __init__(self, dims: int, channels: int, attention_gib: float = 2.0) -> None:
        super().__init__()
        conv, middle = Layers(dims).conv, max(1, channels // 8)
        self.query, self.key = conv(channels, middle, 1), conv(channels, middle, 1)
        self.value = conv(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))
        self.attention_gib = attention_gib

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        size = x.shape[2:]
        check_attention(x.shape[0], prod(size), sum(size), self.attention_gib)
        query, key, value = self.query(x), self.key(x), self.value(x)
        scores = [self._scores(query, key, axis) for axis in range(len(size))]
        weights = torch.softmax(torch.cat(scores, -1), dim=-1).to(value.dtype).split(list(size), -1)
        gathered = torch.zeros_like(value)
        for axis, share in enumerate(weights):
            found = share.movedim(1 + axis, -2) @ lines(value, axis)  # [b, *the other axes, length, c]
            gathered = gathered + found.movedim(-1, 1).movedim(-1, 2 + axis)
        return self.gamma * gathered + x

    def _scores(self, query: torch.Tensor, key: torch.Tensor, axis: int) -> torch.Tensor:
        """``[b, *size, length of the axis]``: each voxel with each voxel of its line along ``axis``."""
        scores = lines(query, axis) @ lines(key, axis).transpose(-1, -2)
        if axis < query.ndim - 3:
            scores = scores.masked_fill(torch.eye(scores.shape[-1], dtype=torch.bool, device=scores.device), -torch.inf)
        return scores.movedim(-2, 1 + axis)


@HEADS.register("ccnet")
class CrissCrossHead(nn.Module):
    """Criss-cross attention on ``width`` channels, ``recurrence`` times with the same weights, beside the map itself.

    After one round a voxel has seen its row and column, after two the whole picture; a volume needs three, one for each
    axis, so ``recurrence`` None is the number of dimensions. Memory grows with voxels times the sum of the lengths.
    Huang, Wang, Huang, Huang, Wei, Liu: CCNet: Criss-Cross Attention for Semantic Segmentation. ICCV 2019; the third
    axis as in its extension, TPAMI 2020.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        recurrence: int | None = None,
        dropout: float = 0.1,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        if recurrence is not None and recurrence < 1:
            raise UsageError(f"{recurrence} rounds of criss-cross attention", "at least one, or None for one per axis")
        width = width or max(1, channels[-1] // 4)
        self.recurrence = dims if recurrence is None else recurrence
        self.before = conv_act(dims, channels[-1], width, leaky=True)
        self.attention = CrissCrossAttention(dims, width, attention_gib)
        self.after = conv_act(dims, width, width, leaky=True)
        self.join = conv_act(dims, channels[-1] + width, width, leaky=True)
        self.classify = classifier(dims, width, out_channels, dropout)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = self.before(maps[-1])
        for _ in range(self.recurrence):
            x = self.attention(x)
        return self.classify(self.join(torch.cat([maps[-1], self.after(x)], 1)))
