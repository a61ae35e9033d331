"""ENet: bottlenecks of plain, dilated and asymmetric convolutions, and unpooling to where the maxima were."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.conv_unit import same_conv
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm

STRIDE = 8
RATIO = 4
"""Of a bottleneck's width to what it is squeezed to."""

STAGE = ("plain", 2, "asymmetric", 4, "plain", 8, "asymmetric", 16)
"""Of stages 2 and 3: a number is a dilation."""

CARD = NetCard(
    title="ENet",
    paper="Paszke, Chaurasia, Kim, Culurciello: ENet: A Deep Neural Network Architecture for Real-Time Semantic "
    "Segmentation. arXiv 1606.02147, 2016",
    stride=STRIDE,
    differs="in 3D an asymmetric pair (5x1, 1x5) is a triple, one kernel per axis; PReLU in the encoder has one slope "
    "per layer; with more than 8 input channels the first block is twice as wide as the input, because the pooled one "
    "is part of it; the input is padded to a multiple of 8",
    verified="parameter count equal to the implementation of D. Silva (davidtvs)",
    small={"width": 8, "blocks": 3},
)


class Bottleneck(nn.Module):
    """Squeeze, convolve by ``kind``, expand, drop, add the input; ``kind`` is plain, asymmetric or a dilation."""

    def __init__(self, dims: int, channels: int, kind: str | int, dropout: float, slopes: bool) -> None:
        super().__init__()
        inner = channels // RATIO
        self.body = nn.Sequential(
            *_unit(same_conv(dims, channels, inner, 1), inner, slopes),
            *_middle(dims, inner, kind, slopes),
            *_unit(same_conv(dims, inner, channels, 1), channels, slopes),
            Layers(dims).dropout(dropout),
        )
        self.act = _act(slopes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` to the same."""
        return self.act(x + self.body(x))


class Down(nn.Module):
    """Halves the size: a 2-wide striding convolution in the bottleneck; the input itself is max-pooled and filled up
    with zero channels."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, dropout: float) -> None:
        super().__init__()
        layers = Layers(dims)
        inner = in_channels // RATIO
        self.pool = layers.max_pool(2, return_indices=True)
        self.body = nn.Sequential(
            *_unit(layers.conv(in_channels, inner, 2, 2, bias=False), inner, True),
            *_unit(same_conv(dims, inner, inner), inner, True),
            *_unit(same_conv(dims, inner, out_channels, 1), out_channels, True),
            layers.dropout(dropout),
        )
        self.extra = out_channels - in_channels
        self.act = _act(True)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """``[b, in, *size]``, even, to ``[b, out, *(size / 2)]`` and where in ``x`` the maxima were."""
        pooled, where = self.pool(x)
        filled = F.pad(pooled, [0, 0] * (x.ndim - 2) + [0, self.extra])
        return self.act(filled + self.body(x)), where


class Up(nn.Module):
    """Doubles the size: the input, narrowed, goes back to where the maxima of the `Down` were, all else is zero."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, dropout: float) -> None:
        super().__init__()
        layers = Layers(dims)
        inner = in_channels // RATIO
        self.narrow = nn.Sequential(same_conv(dims, in_channels, out_channels, 1), BatchNorm(out_channels))
        self.body = nn.Sequential(
            *_unit(same_conv(dims, in_channels, inner, 1), inner, False),
            *_unit(layers.conv_transpose(inner, inner, 2, 2, bias=False), inner, False),
            same_conv(dims, inner, out_channels, 1),
            BatchNorm(out_channels),
            layers.dropout(dropout),
        )
        self.act = _act(False)

    def forward(self, x: torch.Tensor, where: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
        """``[b, in, *(size / 2)]`` to ``[b, out, *size]``."""
        return self.act(unpool(self.narrow(x), where, size) + self.body(x))


class ENet(nn.Module):
    """An initial block, three stages down to an eighth, two small ones up, a transposed convolution to the logits.

    ``width`` (16 in the paper), 4 and 8 times as many channels; ``blocks`` of `STAGE` are in stages 2 and 3.
    """

    def __init__(self, dims: int, in_channels: int, out_channels: int, width: int, blocks: int) -> None:
        super().__init__()
        layers = Layers(dims)
        self.dims, self.in_channels = dims, in_channels
        wide, widest = 4 * width, 8 * width
        width = max(width, 2 * in_channels)
        self.conv = same_conv(dims, in_channels, width - in_channels, 3, 2)
        self.pool = layers.max_pool(3, 2, 1)
        self.norm = nn.Sequential(BatchNorm(width), _act(True))
        self.down1 = Down(dims, width, wide, 0.01)
        self.stage1 = nn.Sequential(*(Bottleneck(dims, wide, "plain", 0.01, True) for _ in range(4)))
        self.down2 = Down(dims, wide, widest, 0.1)
        self.stage2 = nn.Sequential(*(Bottleneck(dims, widest, kind, 0.1, True) for kind in STAGE[:blocks]))
        self.stage3 = nn.Sequential(*(Bottleneck(dims, widest, kind, 0.1, True) for kind in STAGE[:blocks]))
        self.up4 = Up(dims, widest, wide, 0.1)
        self.stage4 = nn.Sequential(*(Bottleneck(dims, wide, "plain", 0.1, False) for _ in range(2)))
        self.up5 = Up(dims, wide, width, 0.1)
        self.stage5 = Bottleneck(dims, width, "plain", 0.1, False)
        self.classify = layers.conv_transpose(width, out_channels, 3, 2, 1, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        padded = pad_to_multiple(x, (STRIDE,) * self.dims)
        half = self.norm(torch.cat((self.conv(padded), self.pool(padded)), dim=1))
        quarter, where1 = self.down1(half)
        quarter = self.stage1(quarter)
        deep, where2 = self.down2(quarter)
        deep = self.stage3(self.stage2(deep))
        deep = self.stage4(self.up4(deep, where2, quarter.shape[2:]))
        deep = self.stage5(self.up5(deep, where1, half.shape[2:]))
        return crop_to(self.classify(deep), x.shape[2:])


def unpool(x: torch.Tensor, where: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """``x`` at the places ``where`` (flat, as max-pooling counts) of zeros of ``size``; deterministic on a GPU too,
    which torch's unpooling is not."""
    zeros = x.new_zeros((*x.shape[:2], prod(size)))
    return zeros.scatter(2, where.flatten(2), x.flatten(2)).view(*x.shape[:2], *size)


def _middle(dims: int, channels: int, kind: str | int, slopes: bool) -> list[nn.Module]:
    """The convolution that gives a bottleneck its kind."""
    if kind == "asymmetric":
        kernels = [Layers(dims).along(axis, 5) for axis in range(dims)]
        return [m for k in kernels for m in _unit(same_conv(dims, channels, channels, k), channels, slopes)]
    dilation = kind if isinstance(kind, int) else 1
    return _unit(same_conv(dims, channels, channels, 3, dilation=dilation), channels, slopes)


def _unit(convolution: nn.Module, channels: int, slopes: bool) -> list[nn.Module]:
    return [convolution, BatchNorm(channels), _act(slopes)]


def _act(slopes: bool) -> nn.Module:
    """PReLU with one slope (encoder) or ReLU (decoder)."""
    return nn.PReLU() if slopes else nn.ReLU(inplace=True)


@network("enet", CARD)
def build_enet(dims: int, in_channels: int, out_channels: int, width: int = 16, blocks: int = 8) -> nn.Module:
    """Stages are 1, 4 and 8 times ``width`` wide; stages 2 and 3 have the first ``blocks`` of their 8 bottlenecks."""
    return ENet(dims, in_channels, out_channels, width, blocks)
