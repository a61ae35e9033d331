"""The head of SegFormer: linear layers only."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm
from delineate.nets.resize import resize


@HEADS.register("segformer")
class SegFormerHead(nn.Module):
    """The last four maps, each linearly to ``width`` channels, enlarged to the first of them, joined by a 1x1
    convolution, and classified after dropout.

    Parameters are named as in the published files. Xie, Wang, Yu, Anandkumar, Alvarez, Luo: SegFormer. NeurIPS 2021.
    """

    def __init__(
        self, dims: int, channels: Sequence[int], out_channels: int, width: int = 256, dropout: float = 0.1
    ) -> None:
        super().__init__()
        layers, used = Layers(dims), channels[-4:]
        self.count = len(used)
        for i, inputs in enumerate(used):
            self.add_module(f"linear_c{i + 1}", nn.ModuleDict({"proj": nn.Linear(inputs, width)}))
        self.linear_fuse = nn.ModuleDict(
            {"conv": layers.conv(len(used) * width, width, 1, bias=False), "bn": BatchNorm(width)}
        )
        self.dropout = layers.dropout(dropout)
        self.linear_pred = layers.conv(width, out_channels, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the first used."""
        used = maps[-self.count :]
        same = [resize(self._linear(i, x), used[0].shape[2:]) for i, x in enumerate(used)]
        joined = self.linear_fuse["conv"](torch.cat(same[::-1], 1))  # coarsest first, as in the published files
        return self.linear_pred(self.dropout(F.relu(self.linear_fuse["bn"](joined))))

    def _linear(self, i: int, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, width, *size]``."""
        return self.get_submodule(f"linear_c{i + 1}.proj")(x.movedim(1, -1)).movedim(-1, 1)
