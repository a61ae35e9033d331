"""What heads on dilated backbones are made of: units that start as He et al. have it, and the last convolution."""

from __future__ import annotations

from typing import cast

from torch import nn

from delineate.nets.blocks.conv_unit import ABN_SLOPE, Activation, conv_unit
from delineate.nets.layers import Layers


def conv_act(
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel: int = 3,
    dilation: int = 1,
    bias: bool = False,
    leaky: bool = False,
) -> nn.Sequential:
    """A `conv_unit` that keeps the size, with He's initialisation."""
    act: Activation = "leaky" if leaky else "relu"
    unit = conv_unit(dims, in_channels, out_channels, kernel, dilation=dilation, act=act, bias=bias)
    first = cast(nn.Conv2d, unit[0])
    nn.init.kaiming_normal_(first.weight, a=ABN_SLOPE if leaky else 0.0, mode="fan_out")
    if first.bias is not None:
        nn.init.zeros_(first.bias)
    return unit


def classifier(dims: int, in_channels: int, out_channels: int, dropout: float = 0.0) -> nn.Sequential:
    """Dropout of whole channels and a 1x1 convolution to logits, whose bias starts at zero."""
    layers = Layers(dims)
    last = layers.conv(in_channels, out_channels, 1)
    nn.init.zeros_(last.bias)
    return nn.Sequential(layers.dropout(dropout), last)
