"""Global convolution: kernels as large as the map, made of one-dimensional ones, and boundary refinement."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import same_conv
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.resize import resize

LEVELS = 4


class GlobalConv(nn.Module):
    """A dense window of side ``kernel`` by one-dimensional convolutions, one along each axis, nothing between them.

    The sum over as many orders of the axes as there are axes, each starting at another: two in 2D as in the paper
    (first down then across, and the reverse); three in 3D (zyx, yxz, xzy).
    """

    def __init__(self, dims: int, in_channels: int, out_channels: int, kernel: int) -> None:
        super().__init__()
        self.orders = nn.ModuleList(
            nn.Sequential(*_lines(dims, in_channels, out_channels, kernel, start)) for start in range(dims)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Conv3d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        return sum((order(x) for order in self.orders[1:]), self.orders[0](x))


def _lines(dims: int, in_channels: int, out_channels: int, kernel: int, start: int) -> list[nn.Module]:
    """One-dimensional convolutions along each axis in turn, from ``start`` on."""
    lines = []
    for i in range(dims):
        along = Layers(dims).along((start + i) % dims, kernel)
        lines.append(same_conv(dims, out_channels if i else in_channels, out_channels, along, bias=True))
    return lines


class BoundaryRefine(nn.Module):
    """A residual of two 3-wide convolutions with a ReLU between."""

    def __init__(self, dims: int, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            same_conv(dims, channels, channels, bias=True),
            nn.ReLU(inplace=True),
            same_conv(dims, channels, channels, bias=True),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` to the same."""
        return x + self.body(x)


@HEADS.register("gcn")
class GcnHead(nn.Module):
    """Each of the last four maps through `GlobalConv` and `BoundaryRefine` to one channel per class; from the deepest
    up enlarged, added and refined, to the finest map's size.

    Peng, Zhang, Yu, Luo, Sun: Large Kernel Matters: Improve Semantic Segmentation by Global Convolutional Network. CVPR
    2017. ``width`` is another number of channels to do this with, scored by a 1-wide convolution at the end: with two
    classes the paper's way leaves two channels for everything.
    """

    def __init__(
        self, dims: int, channels: Sequence[int], out_channels: int, kernel: int = 15, width: int | None = None
    ) -> None:
        super().__init__()
        if kernel % 2 == 0 or kernel < 1:
            raise UsageError(
                f"a global convolution of kernel {kernel}", "an odd number", "set `kernel` to 7 or 15, say"
            )
        channels = channels[-LEVELS:]
        inner = width or out_channels
        self.convolve = nn.ModuleList(
            nn.Sequential(GlobalConv(dims, c, inner, kernel), BoundaryRefine(dims, inner)) for c in channels
        )
        self.refine = nn.ModuleList(BoundaryRefine(dims, inner) for _ in channels)
        self.classify = same_conv(dims, inner, out_channels, 1, bias=True) if width else nn.Identity()

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps, finest first, to logits at the size of ``maps[0]``."""
        own = [convolve(x) for convolve, x in zip(self.convolve, maps[-LEVELS:], strict=True)]
        out = own.pop()
        for refine in self.refine[:-1]:
            skip = own.pop()
            out = refine(resize(out, skip.shape[2:]) + skip)
        return self.classify(self.refine[-1](resize(out, maps[0].shape[2:])))
