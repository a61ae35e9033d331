"""Gated full fusion: every level takes from every other what that one is sure of and it itself is not."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit, same_conv
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.resize import resize

LEVELS = 4
BINS = (1, 2, 3, 6)


class GatedFusion(nn.Module):
    """``(1 + g) x + (1 - g) * sum of the others' g x`` for each level at once, then a 3-wide convolution.

    A gate ``g`` is one channel in [0, 1], by a 1-wide convolution of its level; products are resized where they go.
    """

    def __init__(self, dims: int, width: int, levels: int) -> None:
        super().__init__()
        self.gates = nn.ModuleList(same_conv(dims, width, 1, 1, bias=True) for _ in range(levels))
        self.fuse = nn.ModuleList(conv_unit(dims, width, width) for _ in range(levels))

    def forward(self, maps: list[torch.Tensor]) -> list[torch.Tensor]:
        """Maps ``[b, width, *size_l]`` to maps of those sizes."""
        gates = [torch.sigmoid(gate(x)) for gate, x in zip(self.gates, maps, strict=True)]
        return [fuse(x) for fuse, x in zip(self.fuse, fuse_gated(maps, gates), strict=True)]


def fuse_gated(maps: list[torch.Tensor], gates: list[torch.Tensor]) -> list[torch.Tensor]:
    """``(1 + g) x + (1 - g) * sum of the others' g x`` for each map at once; gates have one channel or the map's."""
    sent = [g * x for g, x in zip(gates, maps, strict=True)]
    fused = []
    for i, (x, gate) in enumerate(zip(maps, gates, strict=True)):
        others = sum(resize(other, x.shape[2:]) for j, other in enumerate(sent) if j != i)
        fused.append(x + sent[i] + (1 - gate) * others)
    return fused


class PyramidContext(nn.Module):
    """A map beside its means over 1, 2, 3 and 6 windows along each axis, each a quarter as wide, convolved together.

    Zhao, Shi, Qi, Wang, Jia: Pyramid Scene Parsing Network. CVPR 2017.
    """

    def __init__(self, dims: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        narrow = max(1, in_channels // len(BINS))
        pool = Layers(dims).adaptive_avg_pool
        self.bins = nn.ModuleList(nn.Sequential(pool(n), conv_unit(dims, in_channels, narrow, 1)) for n in BINS)
        self.join = conv_unit(dims, in_channels + len(BINS) * narrow, out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        means = [resize(pooled(x), x.shape[2:]) for pooled in self.bins]
        return self.join(torch.cat((x, *means), dim=1))


@HEADS.register("gff")
class GffHead(nn.Module):
    """The last four maps at ``width`` channels, fused by gates, then a dense pyramid: from the deepest up each level is
    convolved together with the context (pyramid pooling of the last map) and all deeper results; all are scored.

    Li, Zhao, Han, Tong, Tan, Yang: Gated Fully Fusion for Semantic Segmentation. AAAI 2020.
    """

    def __init__(
        self, dims: int, channels: Sequence[int], out_channels: int, width: int = 256, dropout: float = 0.1
    ) -> None:
        super().__init__()
        channels = channels[-LEVELS:]
        self.narrow = nn.ModuleList(conv_unit(dims, c, width, 1) for c in channels)
        self.context = PyramidContext(dims, channels[-1], width)
        self.fusion = GatedFusion(dims, width, len(channels))
        self.dense = nn.ModuleList(conv_unit(dims, (i + 2) * width, width) for i in range(len(channels)))
        self.classify = nn.Sequential(
            conv_unit(dims, (len(channels) + 1) * width, width),
            Layers(dims).dropout(dropout),
            same_conv(dims, width, out_channels, 1, bias=True),
        )

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps, finest first, to logits at the size of the fourth from the end."""
        maps = maps[-LEVELS:]
        found = [self.context(maps[-1])]
        fused = self.fusion([narrow(x) for narrow, x in zip(self.narrow, maps, strict=True)])
        for x, dense in zip(reversed(fused), self.dense, strict=True):
            found.append(dense(torch.cat((*(resize(f, x.shape[2:]) for f in found), x), dim=1)))
        size = maps[0].shape[2:]
        return self.classify(torch.cat([resize(f, size) for f in found], dim=1))
