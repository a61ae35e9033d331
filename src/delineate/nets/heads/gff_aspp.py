"""Gated full fusion over a DeepLabv3+ context: what its author published for a wide residual network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.atrous_pyramid import AtrousPyramid, default_rates
from delineate.nets.blocks.conv_unit import conv_unit, same_conv
from delineate.nets.head import HEADS
from delineate.nets.heads.denseaspp import DenseBranch
from delineate.nets.heads.gff import fuse_gated
from delineate.nets.resize import resize


@HEADS.register("gff_aspp")
class GffAsppHead(nn.Module):
    """Atrous pyramid pooling of the last map, fused by gates with the maps of ``levels`` at ``width`` channels; then,
    from the deepest up, each is convolved (dilated) together with the deeper results; all and the context are scored.

    Every channel has a gate of its own, of the map as it comes. ``context`` are the channels of the pyramid and of the
    last convolutions; ``rates`` None are 12, 24 and 36 in 2D, those of an output stride of 8, and a third in 3D.

    Li, Zhao, Han, Tong, Tan, Yang: Gated Fully Fusion for Semantic Segmentation. AAAI 2020, in the form of the author's
    DecoupleSegNets (ECCV 2020).
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int = 128,
        context: int = 256,
        levels: Sequence[int] = (0, -2),
        rates: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.levels = tuple(levels)
        rates = tuple(rates or default_rates(dims, 8))
        self.pyramid = AtrousPyramid(dims, channels[-1], context, rates)
        # not a 1x1 convolution with norm and dropout, as DeepLabv3 has it
        self.pyramid.project = nn.Sequential(same_conv(dims, (len(rates) + 2) * context, context))
        inputs = [*(channels[level] for level in levels), context]
        self.narrow = nn.ModuleList(conv_unit(dims, c, width, 1) for c in inputs)
        self.gates = nn.ModuleList(same_conv(dims, c, width, 1, bias=True) for c in inputs)
        step = 3 if dims == 2 else 1
        self.dense = nn.ModuleList(
            DenseBranch(dims, i * width, width, width, i * step, dropout=0.0).body for i in range(1, len(inputs) + 1)
        )
        self.classify = nn.Sequential(
            conv_unit(dims, (len(inputs) + 1) * width, context),
            conv_unit(dims, context, context),
            same_conv(dims, context, out_channels, 1),
        )

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of that of the first level."""
        taken = [*(maps[level] for level in self.levels), self.pyramid(maps[-1])]
        gates = [torch.sigmoid(gate(x)) for gate, x in zip(self.gates, taken, strict=True)]
        narrow = [one(x) for one, x in zip(self.narrow, taken, strict=True)]
        size = taken[0].shape[2:]
        found: list[torch.Tensor] = []
        for x, dense in zip(reversed(fuse_gated(narrow, gates)), self.dense, strict=True):
            found.append(dense(torch.cat((*found, resize(x, size)), 1)))
        return self.classify(torch.cat((*found, resize(narrow[-1], size)), 1))
