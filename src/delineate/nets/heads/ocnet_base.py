"""Object context of the whole map."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.blocks.object_context import ObjectContext
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers


@HEADS.register("ocnet_base")
class BaseContextHead(nn.Module):
    """Object context of all voxels on ``width`` channels, beside the map itself; refuses above ``attention_gib``.

    Yuan, Huang, Guo, Zhang, Chen, Wang: OCNet: Object Context for Semantic Segmentation. IJCV 2021.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        dropout: float = 0.05,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        layers, width = Layers(dims), width or max(2, channels[-1] // 4)
        self.before = conv_act(dims, channels[-1], width, bias=True, leaky=True)
        self.context = ObjectContext(dims, width, width // 2, attention_gib=attention_gib)
        self.join = nn.Sequential(conv_act(dims, 2 * width, width, 1, bias=True, leaky=True), layers.dropout(dropout))
        self.classify = classifier(dims, width, out_channels)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = self.before(maps[-1])
        return self.classify(self.join(torch.cat([self.context(x), x], 1)))
