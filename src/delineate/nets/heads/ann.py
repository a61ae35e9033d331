"""Asymmetric non-local attention: every voxel looks at a few pooled anchors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.attention import attend
from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm

ANCHORS = (1, 3, 6, 8)
"""Windows along each axis, of four pooled copies: 110 anchors in a picture, 756 in a volume."""


class PyramidPool(nn.Module):
    """``[b, c, *size]`` to ``[b, c, anchors]``: means over grids of 1, 3, 6 and 8 windows along each axis."""

    def __init__(self, dims: int, grids: Sequence[int] = ANCHORS) -> None:
        super().__init__()
        self.pools = nn.ModuleList(Layers(dims).adaptive_avg_pool(grid) for grid in grids)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One anchor after the other."""
        return torch.cat([pool(x).flatten(2) for pool in self.pools], 2)


class AsymmetricAttention(nn.Module):
    """What each voxel of ``x`` gathers from the anchors of ``source``, brought to ``out_channels``.

    The last convolution starts at zero. With ``shared``, key and query are one convolution. Memory is linear in the
    voxels of ``x``.
    """

    def __init__(self, dims: int, channels: int, source: int, out_channels: int, middle: int, shared: bool) -> None:
        super().__init__()
        conv = Layers(dims).conv
        self.query = conv_act(dims, channels, middle, 1, bias=True)
        self.key = None if shared else conv_act(dims, source, middle, 1, bias=True)
        self.value = conv(source, middle, 1)
        self.pool = PyramidPool(dims)
        self.expand = conv(middle, out_channels, 1)
        nn.init.zeros_(self.expand.weight)
        nn.init.zeros_(self.expand.bias)
        self.scale = middle**-0.5

    def forward(self, x: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` and ``[b, source, *any]`` to ``[b, out, *size]``."""
        query = self.query(x)
        key = query if self.key is None else self.key(source)
        return self.expand(attend(query, self.pool(key), self.pool(self.value(source)), self.scale, torch.inf))


@HEADS.register("ann")
class AsymmetricNonLocalHead(nn.Module):
    """The last map fused with anchors of the one before (AFNB), then ``width`` channels with their own anchors (APNB).

    Zhu, Xu, Bai, Huang, Bai: Asymmetric Non-local Neural Networks for Semantic Segmentation. ICCV 2019.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        dropout: float = 0.05,
    ) -> None:
        super().__init__()
        if len(channels) < 2:
            raise UsageError(f"the head 'ann' on {len(channels)} map", "the last two maps of a backbone")
        layers, deep, low = Layers(dims), channels[-1], channels[-2]
        width = width or max(2, deep // 4)
        self.fusion = AsymmetricAttention(dims, deep, low, deep, width // 2, shared=False)
        join = layers.conv(2 * deep, deep, 1)
        nn.init.kaiming_normal_(join.weight, mode="fan_out")
        self.join = nn.Sequential(join, BatchNorm(deep), layers.dropout(dropout))
        self.reduce = conv_act(dims, deep, width, bias=True)
        self.context = AsymmetricAttention(dims, width, width, width, width // 2, shared=True)
        self.gather = nn.Sequential(conv_act(dims, 2 * width, width, 1, bias=True), layers.dropout(dropout))
        self.classify = classifier(dims, width, out_channels)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = maps[-1]
        x = self.reduce(self.join(torch.cat([self.fusion(x, maps[-2]), x], 1)))
        return self.classify(self.gather(torch.cat([self.context(x, x), x], 1)))
