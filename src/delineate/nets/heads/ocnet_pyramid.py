"""Object context of ever smaller blocks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.blocks.object_context import ObjectContext
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers


@HEADS.register("ocnet_pyramid")
class PyramidContextHead(nn.Module):
    """Object context inside the blocks of each of ``grids``, beside as many channels of the map itself.

    Refuses above ``attention_gib`` for one block. Yuan, Huang, Guo, Zhang, Chen, Wang: OCNet: Object Context for
    Semantic Segmentation. IJCV 2021.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        grids: Sequence[int] = (1, 2, 3, 6),
        dropout: float = 0.05,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        layers, width = Layers(dims), width or max(2, channels[-1] // 4)
        wide = len(grids) * width
        self.before = conv_act(dims, channels[-1], width, bias=True, leaky=True)
        self.contexts = nn.ModuleList(
            ObjectContext(dims, width, width // 2, width, grid, attention_gib=attention_gib) for grid in grids
        )
        self.widen = conv_act(dims, width, wide, 1, bias=True, leaky=True)
        self.join = nn.Sequential(conv_act(dims, 2 * wide, width, 1, bias=True, leaky=True), layers.dropout(dropout))
        self.classify = classifier(dims, width, out_channels)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = self.before(maps[-1])
        return self.classify(self.join(torch.cat([self.widen(x), *(context(x) for context in self.contexts)], 1)))
