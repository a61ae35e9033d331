"""`DenseNet`: every layer of a block sees all before it; in two and three dimensions, dilated or not."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.backbones.resnet import MeanShortcut
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm

KINDS: dict[int, tuple[int, int, tuple[int, ...]]] = {
    121: (64, 32, (6, 12, 24, 16)),
    161: (96, 48, (6, 12, 36, 24)),
    169: (64, 32, (6, 12, 32, 32)),
    201: (64, 32, (6, 12, 48, 32)),
}
"""Channels of the stem, channels every layer adds, and layers per block."""

SQUEEZE = 4
"""A layer's 1x1 convolution gives so many times the channels that the layer adds."""


class DenseLayer(nn.Module):
    """Norm, ReLU and a 1x1 convolution, the same with a 3x3 one, and its result behind what came in."""

    def __init__(self, dims: int, inputs: int, growth: int, rate: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        layers = Layers(dims)
        self.norm1 = BatchNorm(inputs)
        self.conv1 = layers.conv(inputs, SQUEEZE * growth, 1, bias=False)
        self.norm2 = BatchNorm(SQUEEZE * growth)
        self.conv2 = layers.conv(SQUEEZE * growth, growth, 3, padding=rate, dilation=rate, bias=False)
        self.dropout = dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, inputs + growth, *size]``."""
        new = self.conv1(F.relu(self.norm1(x), inplace=True))
        new = self.conv2(F.relu(self.norm2(new), inplace=True))
        return torch.cat((x, F.dropout(new, self.dropout, self.training)), 1)


class Transition(nn.Module):
    """Between blocks: norm and ReLU, which give the block's map, a 1x1 convolution to half the channels, and the mean
    over blocks of two voxels per axis unless ``pools`` is off."""

    def __init__(self, dims: int, inputs: int, pools: bool = True) -> None:
        super().__init__()
        self.norm = BatchNorm(inputs)
        self.conv = Layers(dims).conv(inputs, inputs // 2, 1, bias=False)
        self.pool = MeanShortcut() if pools else nn.Identity()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """``[b, c, *size]`` to the map of that shape and the next block's input ``[b, c / 2, *ceil(size / 2)]``."""
        found = F.relu(self.norm(x), inplace=True)
        return found, self.pool(self.conv(found))


class DenseNet(nn.Module):
    """Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks. CVPR 2017.

    Five maps: the stem's (1/2), then that of each block (1/4 to 1/32), after the norm and ReLU that follow it. Without
    a classifier; otherwise parameters are named as in torchvision (``features.denseblock1.denselayer1.norm1.weight``).

    Below an output stride of 32 the last transitions do not pool and every 3x3 convolution behind them is dilated
    (Yang et al., DenseASPP. CVPR 2018). ``width`` are the stem's channels, ``growth`` those each layer adds, ``depths``
    the layers of the blocks; ``dropout`` acts on what a layer adds.
    """

    def __init__(
        self,
        dims: int,
        in_channels: int,
        output_stride: int = 32,
        width: int = 64,
        growth: int = 32,
        depths: Sequence[int] = KINDS[121][2],
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        conv = Layers(dims).conv(in_channels, width, 7, 2, 3, bias=False)
        self.features = nn.Sequential(OrderedDict([("conv0", conv), ("norm0", BatchNorm(width))]))
        self.pool = Layers(dims).max_pool(3, 2, 1)
        self.blocks = len(depths)
        channels, strides, inputs, rate = [width], [2], width, 1
        for i, count in enumerate(depths, start=1):
            dense: OrderedDict[str, nn.Module] = OrderedDict(
                (f"denselayer{j + 1}", DenseLayer(dims, inputs + j * growth, growth, rate, dropout))
                for j in range(count)
            )
            self.features.add_module(f"denseblock{i}", nn.Sequential(dense))
            inputs += count * growth
            channels.append(inputs)
            strides.append(min(2 ** (i + 1), output_stride))
            if i < len(depths):
                pools = 2 ** (i + 2) <= output_stride
                self.features.add_module(f"transition{i}", Transition(dims, inputs, pools))
                inputs, rate = inputs // 2, rate if pools else 2 * rate
        self.features.add_module("norm5", BatchNorm(inputs))
        self.channels, self.strides = tuple(channels), tuple(strides)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Conv3d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to five maps, finest first."""
        part = self.features.get_submodule
        maps = [F.relu(part("norm0")(part("conv0")(x)), inplace=True)]
        x = self.pool(maps[0])
        for i in range(1, self.blocks):
            found, x = part(f"transition{i}")(part(f"denseblock{i}")(x))
            maps.append(found)
        last = part("norm5")(part(f"denseblock{self.blocks}")(x))
        return [*maps, F.relu(last, inplace=True)]


def _add(depth: int) -> None:
    """Register one depth."""
    stem, added, counts = KINDS[depth]
    card = BackboneCard(
        title=f"DenseNet-{depth}",
        paper="Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks. CVPR 2017",
        strides=(8, 16, 32),
        weights=f"torchvision densenet{depth} (2D)",
        small={"width": 8, "growth": 4, "depths": (1, 2, 2, 2)},
        differs="poolings round sizes up, so that one voxel stays one voxel",
        verified="parameter names and counts of torchvision; counts and maps of MONAI's networks; with shared "
        "weights the last map of torchvision 0.29.2's densenet121 and densenet161, at sizes of multiples of 32",
    )

    @backbone(f"densenet{depth}", card)
    def build(
        dims: int,
        in_channels: int,
        output_stride: int = 32,
        width: int = stem,
        growth: int = added,
        depths: Sequence[int] = counts,
        **options: Any,
    ) -> nn.Module:
        return DenseNet(dims, in_channels, output_stride, width, growth, depths, **options)


for _depth in KINDS:
    _add(_depth)
