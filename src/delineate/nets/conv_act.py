"""What heads on dilated backbones are made of: convolution, batch norm and (leaky) ReLU, and the last convolution."""

from __future__ import annotations

from torch import nn

from delineate.nets.layers import BatchNorm, Layers

ABN_SLOPE = 0.01
"""Of the leaky ReLU in "in-place ABN" (Rota Bulò, Porzi, Kontschieder, CVPR 2018), whose values these layers give."""


def conv_act(
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel: int = 3,
    dilation: int = 1,
    bias: bool = False,
    slope: float = 0.0,
) -> nn.Sequential:
    """A convolution that keeps the size, batch norm, and ReLU that is leaky by ``slope``; He's initialisation."""
    padding = dilation * (kernel // 2)
    act = nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)
    layer = Layers(dims).conv(in_channels, out_channels, kernel, padding=padding, dilation=dilation, bias=bias)
    nn.init.kaiming_normal_(layer.weight, a=slope, mode="fan_out")
    if bias:
        nn.init.zeros_(layer.bias)
    return nn.Sequential(layer, BatchNorm(out_channels), act)


def classifier(dims: int, in_channels: int, out_channels: int, dropout: float = 0.0) -> nn.Sequential:
    """Dropout of whole channels and a 1x1 convolution to logits, whose bias starts at zero."""
    layers = Layers(dims)
    last = layers.conv(in_channels, out_channels, 1)
    nn.init.zeros_(last.bias)
    return nn.Sequential(layers.dropout(dropout), last)
