"""`WideResNet38`: few wide residual blocks whose norms come first, in two and three dimensions, dilated or not."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.backbones.resnet import init_fan_out
from delineate.nets.blocks.conv_unit import norm_act, same_conv
from delineate.nets.layers import Layers

FACTORS = ((2, 2), (4, 4), (8, 8), (8, 16), (8, 16, 32), (16, 32, 64))
"""Channels of a block's convolutions in units of ``width``: two are 3x3 ones, three are 1x1, 3x3 and 1x1."""

DEPTHS = (3, 3, 6, 3, 1, 1)
"""Blocks of the modules 2 to 7."""

DROPOUTS = (0.0, 0.0, 0.0, 0.0, 0.3, 0.5)

POOLED, STRIDED = (2, 3), (4, 5, 6)
"""Modules with a pooling before them, and those whose first block strides."""

MAPS = (2, 3, 4, 5, 7)


class WideBlock(nn.Module):
    """Norm and ReLU before each convolution, around a shortcut; the first convolution strides. Where the shape changes
    the shortcut is a 1x1 convolution that also sees the normalised input."""

    def __init__(
        self, dims: int, inputs: int, widths: Sequence[int], stride: int = 1, rate: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        kernels = (3, 3) if len(widths) == 2 else (1, 3, 1)
        self.bn1 = norm_act(inputs)
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        before = inputs
        for i, (width, kernel) in enumerate(zip(widths, kernels, strict=True), start=1):
            if i > 1:
                parts[f"bn{i}"] = norm_act(before)
            if i == len(widths) and dropout:
                parts["dropout"] = Layers(dims).dropout(dropout)
            parts[f"conv{i}"] = same_conv(dims, before, width, kernel, stride if i == 1 else 1, rate)
            before = width
        self.convs = nn.Sequential(parts)
        changes = stride > 1 or inputs != before
        self.proj_conv = same_conv(dims, inputs, before, 1, stride) if changes else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, widths[-1], *ceil(size / stride)]``."""
        normed = self.bn1(x)
        return self.convs(normed) + (x if self.proj_conv is None else self.proj_conv(normed))


class WideResNet38(nn.Module):
    """Wu, Shen, van den Hengel: Wider or Deeper: Revisiting the ResNet Model for Visual Recognition. arXiv 1611.10080,
    2016; in the variant "A2" of Rota Bulò, Porzi, Kontschieder: In-place Activated BatchNorm. CVPR 2018, with
    ReLU and the parameter names of lxtGH/DecoupleSegNets, without a classifier.

    Five maps: after modules 2 (1/2), 3 (1/4), 4, 5 and 7. Below an output stride of 32 the last modules do not stride
    but are dilated. Maps are sums of blocks, not rectified; ``last_norm`` puts norm and ReLU behind the last.
    """

    def __init__(
        self,
        dims: int,
        in_channels: int,
        output_stride: int = 32,
        width: int = 64,
        depths: Sequence[int] = DEPTHS,
        last_norm: bool = True,
    ) -> None:
        super().__init__()
        self.mod1 = nn.Sequential(OrderedDict(conv1=same_conv(dims, in_channels, width)))
        self.pool = Layers(dims).max_pool(3, 2, 1)
        channels, strides, inputs, total, rate = [], [], width, 1, 1
        for i, (count, factors, dropout) in enumerate(zip(depths, FACTORS, DROPOUTS, strict=True), start=2):
            strides_here = i in STRIDED and total < output_stride
            total *= 2 if i in POOLED or strides_here else 1
            rate *= 2 if i in STRIDED and not strides_here else 1
            blocks: OrderedDict[str, nn.Module] = OrderedDict()
            for j in range(1, count + 1):
                stride = 2 if strides_here and j == 1 else 1
                blocks[f"block{j}"] = WideBlock(dims, inputs, [f * width for f in factors], stride, rate, dropout)
                inputs = factors[-1] * width
            self.add_module(f"mod{i}", nn.Sequential(blocks))
            if i in MAPS:
                channels.append(inputs)
                strides.append(total)
        self.bn_out = norm_act(inputs) if last_norm else nn.Identity()
        self.channels, self.strides = tuple(channels), tuple(strides)
        init_fan_out(self)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to five maps, finest first."""
        x, maps = self.mod1(x), []
        for i in range(2, 2 + len(FACTORS)):
            x = self.get_submodule(f"mod{i}")(self.pool(x) if i in POOLED else x)
            if i in MAPS:
                maps.append(x)
        return [*maps[:-1], self.bn_out(maps[-1])]


CARD = BackboneCard(
    title="WideResNet-38",
    paper="Wu, Shen, van den Hengel: Wider or Deeper: Revisiting the ResNet Model for Visual Recognition. "
    "arXiv 1611.10080, 2016",
    strides=(8, 16, 32),
    weights="lxtGH/DecoupleSegNets wider_resnet38_a2 (2D)",
    small={"width": 2, "depths": (1, 1, 1, 1, 1, 1)},
    differs="the variant A2: two poolings, then blocks that stride; ReLU, where mapillary/inplace_abn has a leaky one, "
    "other names for norms and so other weights",
    verified="parameter names of wider_resnet38_a2; its count within that of lxtGH/DecoupleSegNets DeepWV3PlusGFFNet",
)


@backbone("wideresnet38", CARD)
def build(dims: int, in_channels: int, output_stride: int = 32, **options: Any) -> nn.Module:
    """A `WideResNet38`."""
    return WideResNet38(dims, in_channels, output_stride, **options)
