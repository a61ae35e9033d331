"""`AtrousPyramid`: one map seen at several dilation rates at once (ASPP)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.nets.blocks.conv_act import conv_act
from delineate.nets.blocks.separable import SeparableConv
from delineate.nets.layers import Layers
from delineate.nets.resize import resize


class AtrousPyramid(nn.Module):
    """A 1x1 convolution, 3x3 ones dilated by each of ``rates``, and the mean over the whole map, each to ``width``
    channels; concatenated, then a 1x1 convolution to ``width`` and dropout of single values.

    Chen, Papandreou, Schroff, Adam: Rethinking Atrous Convolution for Semantic Image Segmentation. arXiv 1706.05587,
    2017; ``separable`` splits the 3x3 convolutions (Chen et al., DeepLabv3+. ECCV 2018).
    """

    def __init__(
        self,
        dims: int,
        inputs: int,
        width: int = 256,
        rates: Sequence[int] = (6, 12, 18),
        separable: bool = False,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.branches = nn.ModuleList([conv_act(dims, inputs, width, 1)])
        for rate in rates:
            self.branches.append(
                SeparableConv(dims, inputs, width, dilation=rate)
                if separable
                else conv_act(dims, inputs, width, dilation=rate)
            )
        self.whole = nn.Sequential(Layers(dims).adaptive_avg_pool(1), conv_act(dims, inputs, width, 1))
        self.project: nn.Module = nn.Sequential(conv_act(dims, (len(rates) + 2) * width, width, 1), nn.Dropout(dropout))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, width, *size]``."""
        seen = [branch(x) for branch in self.branches]
        return self.project(torch.cat((*seen, resize(self.whole(x), x.shape[2:])), 1))


def default_rates(dims: int, output_stride: int) -> tuple[int, ...]:
    """The papers' dilation rates, 6, 12 and 18 at an output stride of 16 and more where the map is finer; a third of
    them in 3D, where patches are shorter."""
    step = max(1, 96 // output_stride // (1 if dims == 2 else 3))
    return (step, 2 * step, 3 * step)
