"""Object context beside dilated convolutions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.blocks.object_context import ObjectContext
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers

RATES = {2: (12, 24, 36), 3: (2, 4, 6)}
"""Dilations: the paper's for maps of 97 x 97, and as much of a volume's map of 16 voxels along each axis."""


@HEADS.register("ocnet_asp")
class AspContextHead(nn.Module):
    """Object context at half the resolution, a 1x1 and three dilated convolutions of a map of ``width`` channels, each
    with half as many.

    ``rates`` None are `RATES`. Refuses above ``attention_gib``. Yuan, Huang, Guo, Zhang, Chen, Wang: OCNet: Object
    Context for Semantic Segmentation. IJCV 2021.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        rates: Sequence[int] | None = None,
        pool: int = 2,
        dropout: float = 0.1,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        layers, width = Layers(dims), width or max(4, channels[-1] // 4)
        half = width // 2
        rates = RATES[dims] if rates is None else rates
        self.before = conv_act(dims, channels[-1], width, bias=True, leaky=True)
        self.context = nn.Sequential(
            conv_act(dims, width, half, bias=True, leaky=True),
            ObjectContext(dims, half, half // 2, half, pool=pool, attention_gib=attention_gib),
            conv_act(dims, half, half, 1, bias=True, leaky=True),
        )
        self.plain = conv_act(dims, width, half, 1, leaky=True)
        self.dilated = nn.ModuleList(conv_act(dims, width, half, 3, rate, leaky=True) for rate in rates)
        self.join = nn.Sequential(
            conv_act(dims, (2 + len(rates)) * half, width, 1, leaky=True), layers.dropout(dropout)
        )
        self.classify = classifier(dims, width, out_channels)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = self.before(maps[-1])
        return self.classify(self.join(torch.cat([self.context(x), self.plain(x), *(d(x) for d in self.dilated)], 1)))
