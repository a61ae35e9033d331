"""`conv_unit`: convolution, batch norm and activation, the block most networks are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import nn

from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm

Activation = Literal["relu", "leaky", "prelu", "none"]

ABN_SLOPE = 0.01
"""Of the leaky ReLU in "in-place ABN" (Rota Bulò, Porzi, Kontschieder, CVPR 2018), whose values these layers give."""


def same_conv(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel: int | Sequence[int] = 3,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    bias: bool = False,
) -> nn.Module:
    """A convolution to ``ceil(size / stride)``; ``kernel`` is odd."""
    sides = (kernel,) * dims if isinstance(kernel, int) else tuple(kernel)
    padding = tuple(dilation * (k // 2) for k in sides)
    kind = Layers(dims).conv
    layer: nn.Module = kind(in_channels, out_channels, sides, stride, padding, dilation, groups=groups, bias=bias)
    return layer


def conv_unit(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel: int | Sequence[int] = 3,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    act: Activation = "relu",
    eps: float = 1e-5,
    bias: bool = False,
) -> nn.Sequential:
    """`same_conv`, batch norm and the activation; a PReLU has one slope per channel, a leaky ReLU `ABN_SLOPE`."""
    convolve = same_conv(dims, in_channels, out_channels, kernel, stride, dilation, groups, bias)
    return nn.Sequential(convolve, *norm_act(out_channels, act, eps))


def norm_act(channels: int, act: Activation = "relu", eps: float = 1e-5) -> nn.Sequential:
    """Batch norm and the activation."""
    norm = BatchNorm(channels, eps=eps)
    if act == "none":
        return nn.Sequential(norm)
    if act == "prelu":
        return nn.Sequential(norm, nn.PReLU(channels))
    return nn.Sequential(norm, nn.ReLU(inplace=True) if act == "relu" else nn.LeakyReLU(ABN_SLOPE, inplace=True))
