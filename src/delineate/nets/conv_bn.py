"""Convolution, batch norm and ReLU: the block of the U-Nets from before instance norm."""

from __future__ import annotations

from torch import nn

from delineate.nets.layers import BatchNorm, Layers


def conv_bn(
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel: int = 3,
    stride: int = 1,
    act: bool = True,
    bias: bool = False,
) -> nn.Sequential:
    """A convolution that keeps the size (divided by ``stride``), batch norm and, unless ``act`` is off, ReLU."""
    layers: list[nn.Module] = [
        Layers(dims).conv(in_channels, out_channels, kernel, stride, kernel // 2, bias=bias),
        BatchNorm(out_channels),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if act else nn.Sequential(*layers)


def double_conv(
    dims: int, in_channels: int, out_channels: int, middle: int | None = None, bias: bool = False
) -> nn.Sequential:
    """Two of them, with ``middle`` channels between (``out_channels`` if None)."""
    middle = middle or out_channels
    return nn.Sequential(conv_bn(dims, in_channels, middle, bias=bias), conv_bn(dims, middle, out_channels, bias=bias))
