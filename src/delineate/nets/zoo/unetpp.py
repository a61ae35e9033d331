"""U-Net++: U-Nets of every depth that share their encoder."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets.blocks.double_conv import double_conv
from delineate.nets.blocks.pool_unet import check_widths
from delineate.nets.blocks.unet_stage import init_he
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.resize import resize

CARD = NetCard(
    title="U-Net++",
    paper="Zhou, Siddiquee, Tajbakhsh, Liang: UNet++: A Nested U-Net Architecture for Medical Image Segmentation. "
    "DLMIA 2018; UNet++: Redesigning Skip Connections. IEEE TMI 2020",
    stride=16,
    deep_supervision=True,
    differs="one column answers, where the paper's accurate mode averages all; batch norm follows each convolution",
    verified="parameters equal those of 4uiiurz1/pytorch-nested-unet, with and without deep supervision",
    small={"widths": (4, 8, 8), "deep_supervision": 2},
)


class UNetPlusPlus(nn.Module):
    """Node ``(i, j)`` at level ``i`` of column ``j`` joins its row to the left and the enlarged node ``(i+1, j-1)``.

    Column 0 is the encoder. A head on the finest node of a column answers for the U-Net of that depth; the ``heads``
    last columns have one. The one of ``column`` is ``out``: in eval no node beyond it is computed.
    """

    def __init__(
        self, dims: int, in_channels: int, out_channels: int, widths: Sequence[int], heads: int, column: int
    ) -> None:
        super().__init__()
        layers, depth = Layers(dims), len(widths)
        self.dims, self.in_channels, self.column, self.depth = dims, in_channels, column, depth
        self.pool = layers.max_pool(2)
        self.nodes = nn.ModuleDict()
        for i, (before, width) in enumerate(pairwise((in_channels, *widths))):
            self.nodes[f"{i}_0"] = double_conv(dims, before, width, bias=True)
            for j in range(1, depth - i):
                self.nodes[f"{i}_{j}"] = double_conv(dims, j * width + widths[i + 1], width, bias=True)
        columns = range(depth - heads, depth)
        self.heads = nn.ModuleDict({str(j): layers.conv(widths[0], out_channels, 1) for j in columns})
        self.auxiliaries = {f"column{j}": Auxiliary(weight=1.0) for j in reversed(columns) if j != column}
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor | dict[str, torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training with several heads a dict of such."""
        check_input(x, self.dims, self.in_channels)
        size = x.shape[2:]
        last = self.depth - 1 if self.training else self.column
        finest = self._finest(pad_to_multiple(x, (2 ** (self.depth - 1),) * self.dims), last)
        out = crop_to(self.heads[str(self.column)](finest[self.column]), size)
        if not self.training or not self.auxiliaries:
            return out
        names = {f"column{j}": j for j in reversed(range(self.depth)) if f"column{j}" in self.auxiliaries}
        return {"out": out, **{k: crop_to(self.heads[str(j)](finest[j]), size) for k, j in names.items()}}

    def _finest(self, x: torch.Tensor, last: int) -> list[torch.Tensor]:
        """The finest node of each column up to ``last``."""
        rows: list[list[torch.Tensor]] = []
        for i in range(last + 1):
            rows.append([self.nodes[f"{i}_0"](self.pool(rows[i - 1][0]) if i else x)])
        for j in range(1, last + 1):
            for i in range(last + 1 - j):
                above = resize(rows[i + 1][j - 1], rows[i][0].shape[2:], align_corners=True)
                rows[i].append(self.nodes[f"{i}_{j}"](torch.cat((*rows[i], above), dim=1)))
        return rows[0]


@network("unetpp", CARD)
def build_unetpp(
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Any = (32, 64, 128, 256, 512),
    deep_supervision: int = 4,
    column: int | None = None,
) -> nn.Module:
    """``widths`` are the channels of each level, finest first; the last ``deep_supervision`` columns have heads.

    ``column`` answers (None: the last one). An earlier one prunes the network after training, with the same weights:
    column 1 is a U-Net of two levels.
    """
    wide = check_widths(widths)
    last = len(wide) - 1
    column = last if column is None else column
    if not 1 <= deep_supervision <= last or not last - deep_supervision < column <= last:
        raise UsageError(
            f"a U-Net++ of {len(wide)} levels with {deep_supervision} outputs that answers from column {column}",
            f"1 to {last} outputs, and one of the last as many columns",
            "correct deep_supervision or column",
        )
    return UNetPlusPlus(dims, in_channels, out_channels, wide, deep_supervision, column)
