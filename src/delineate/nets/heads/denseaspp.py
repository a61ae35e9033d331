"""Densely connected atrous spatial pyramid pooling."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import same_conv
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm


class DenseBranch(nn.Module):
    """Norm, ReLU, a 1x1 convolution to ``middle`` channels, and the same with a dilated 3x3 one to ``width``.

    The ``first`` branch sees a map that is rectified already and starts with its 1x1 convolution. The result comes
    before what came in.
    """

    def __init__(
        self, dims: int, inputs: int, middle: int, width: int, rate: int, dropout: float, first: bool = False
    ) -> None:
        super().__init__()
        start = [] if first else [BatchNorm(inputs), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(
            *start,
            same_conv(dims, inputs, middle, 1, bias=True),
            BatchNorm(middle),
            nn.ReLU(inplace=True),
            same_conv(dims, middle, width, 3, dilation=rate, bias=True),
            Layers(dims).dropout(dropout),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, width + inputs, *size]``."""
        return torch.cat((self.body(x), x), 1)


@HEADS.register("denseaspp")
class DenseAsppHead(nn.Module):
    """Branches with growing dilation on the last map, each of which sees the results of all before it, and logits.

    ``halve`` puts a 1x1 convolution to half the channels, norm and ReLU first, as the authors' networks do over
    DenseNet (their fourth transition). ``rates`` None are the paper's in 2D (3, 6, 12, 18, 24) and a third of them in
    3D, where patches are shorter.

    Yang, Yu, Zhang, Li, Yang: DenseASPP for Semantic Segmentation in Street Scenes. CVPR 2018.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        middle: int = 128,
        width: int = 64,
        rates: Sequence[int] | None = None,
        dropout: float = 0.1,
        halve: bool = True,
    ) -> None:
        super().__init__()
        inputs = channels[-1]
        narrow: list[nn.Module] = []
        if halve:
            narrow = [same_conv(dims, inputs, inputs // 2, 1), BatchNorm(inputs // 2), nn.ReLU(inplace=True)]
            inputs //= 2
        self.narrow = nn.Sequential(*narrow)
        self.branches = nn.Sequential()
        for i, rate in enumerate(rates or dense_rates(dims)):
            self.branches.append(DenseBranch(dims, inputs, middle, width, rate, dropout, first=i == 0))
            inputs += width
        classify = same_conv(dims, inputs, out_channels, 1, bias=True)
        self.classify = nn.Sequential(Layers(dims).dropout(dropout), classify)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        return self.classify(self.branches(self.narrow(maps[-1])))


def dense_rates(dims: int) -> tuple[int, ...]:
    """The paper's dilation rates in 2D, a third of them in 3D."""
    return (3, 6, 12, 18, 24) if dims == 2 else (1, 2, 4, 6, 8)
