"""`double_conv`: the block of the U-Nets from before instance norm."""

from __future__ import annotations

from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit


def double_conv(
    dims: int, in_channels: int, out_channels: int, middle: int | None = None, bias: bool = False
) -> nn.Sequential:
    """Twice convolution, batch norm and ReLU, with ``middle`` channels between (``out_channels`` if None)."""
    middle = middle or out_channels
    first = conv_unit(dims, in_channels, middle, bias=bias)
    return nn.Sequential(first, conv_unit(dims, middle, out_channels, bias=bias))
