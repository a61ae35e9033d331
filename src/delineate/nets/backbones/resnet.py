"""`ResNet`: residual networks, in two and three dimensions, with a classical or a deep stem, dilated or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.layers import Layers
from delineate.nets.nd import AveragePool
from delineate.nets.norm import BatchNorm

DEPTHS: dict[int, tuple[int, ...]] = {
    10: (1, 1, 1, 1),
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}
"""Blocks per stage; basic blocks up to 34 layers, bottlenecks beyond."""

STAGES: dict[int, tuple[tuple[int, int], ...]] = {
    8: ((1, 1), (2, 1), (1, 2), (1, 4)),
    16: ((1, 1), (2, 1), (2, 1), (1, 2)),
    32: ((1, 1), (2, 1), (2, 1), (2, 1)),
}
"""Stride and dilation rate of each stage, by output stride."""


class Block(nn.Module):
    """What a stage is made of: ``expansion`` times the width come out."""

    expansion = 1


class BasicBlock(Block):
    """Two 3x3 convolutions around a shortcut; ``first_rate`` is the dilation of the one that strides."""

    def __init__(
        self, dims: int, inputs: int, width: int, stride: int = 1, rate: int = 1, first_rate: int = 1, skip: str = ""
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        self.conv1 = layers.conv(inputs, width, 3, stride, first_rate, first_rate, bias=False)
        self.bn1 = BatchNorm(width)
        self.conv2 = layers.conv(width, width, 3, 1, rate, rate, bias=False)
        self.bn2 = BatchNorm(width)
        self.downsample = shortcut(dims, inputs, width * self.expansion, stride, skip)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, width, *ceil(size / stride)]``."""
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(out)) + _same_or(self.downsample, x), inplace=True)


class Bottleneck(Block):
    """1x1, 3x3 and 1x1 convolutions around a shortcut; the 3x3 one strides, and is dilated by ``first_rate``."""

    expansion = 4

    def __init__(
        self, dims: int, inputs: int, width: int, stride: int = 1, rate: int = 1, first_rate: int = 1, skip: str = ""
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        outputs = width * self.expansion
        self.conv1 = layers.conv(inputs, width, 1, bias=False)
        self.bn1 = BatchNorm(width)
        self.conv2 = layers.conv(width, width, 3, stride, first_rate, first_rate, bias=False)
        self.bn2 = BatchNorm(width)
        self.conv3 = layers.conv(width, outputs, 1, bias=False)
        self.bn3 = BatchNorm(outputs)
        self.downsample = shortcut(dims, inputs, outputs, stride, skip)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, 4 * width, *ceil(size / stride)]``."""
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        out = F.relu(self.bn2(self.conv2(out)), inplace=True)
        return F.relu(self.bn3(self.conv3(out)) + _same_or(self.downsample, x), inplace=True)


class PadShortcut(nn.Module):
    """Every ``stride``-th voxel, with channels of zeros added (He et al. 2016, option A); no parameters."""

    def __init__(self, stride: int, extra: int) -> None:
        super().__init__()
        self.stride, self.extra = stride, extra

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, c + extra, *ceil(size / stride)]``."""
        x = x[(slice(None), slice(None), *(slice(None, None, self.stride),) * (x.ndim - 2))]
        return F.pad(x, (0, 0) * (x.ndim - 2) + (0, self.extra))


class MeanShortcut(nn.Module):
    """The mean over blocks of two voxels per axis; at an odd border, of the voxels that are there."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, c, *ceil(size / 2)]``."""
        for axis in range(2, x.ndim):
            if x.shape[axis] % 2:  # the last voxel twice has its own mean; torch's ceil_mode refuses one voxel in 3D
                x = torch.cat((x, x.narrow(axis, -1, 1)), axis)
        return AveragePool((2,) * (x.ndim - 2))(x)


def shortcut(dims: int, inputs: int, outputs: int, stride: int, kind: str) -> nn.Module | None:
    """What brings a block's input to its output's shape, None where it has it.

    ``kind`` "conv" is a 1x1 convolution (option B), "pad" zeros (option A), and "mean" averages before the convolution
    (He et al., CVPR 2019, "ResNet-D").
    """
    if stride == 1 and inputs == outputs:
        return None
    layers = Layers(dims)
    if kind == "pad":
        return PadShortcut(stride, outputs - inputs)
    if kind == "mean":
        mean = MeanShortcut() if stride > 1 else nn.Identity()
        return nn.Sequential(mean, layers.conv(inputs, outputs, 1, bias=False), BatchNorm(outputs))
    return nn.Sequential(layers.conv(inputs, outputs, 1, stride, bias=False), BatchNorm(outputs))


class ResNet(nn.Module):
    """He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition. CVPR 2016.

    Five maps: the stem's (1/2), then ``layer1`` (1/4) to ``layer4``. Without a classifier; otherwise parameters are
    named as in torchvision and MedicalNet, with a deep stem as in timm.

    ``stem`` None is one 7x7 convolution; widths such as (64, 64, 128) are 3x3 ones, the first strides. ``dilation``
    tells the rate of the first block of a dilated stage: the stage's ("all": MedicalNet, PSPNet, CCNet, OCNet) or that
    of the stage before ("first_previous": torchvision, timm, EMANet, DANet). ``multi_grid`` multiplies the rates of
    ``layer4``'s blocks, in turn and after that choice: at output stride 8 EMANet is "first_previous" with (1, 2, 4),
    which gives 2, 8, 16; DANet's 4, 8, 16 are "first_previous" with (2, 2, 4). ``ceil_pool`` rounds the size up in the
    stem's pooling (CCNet, OCNet). ``skip`` is the kind of `shortcut`.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        in_channels: int,
        block: type[Block],
        depths: Sequence[int],
        output_stride: int = 32,
        width: int = 64,
        stem: Sequence[int] | None = None,
        dilation: str = "all",
        multi_grid: Sequence[int] = (1, 1, 1),
        ceil_pool: bool = False,
        skip: str = "conv",
    ) -> None:
        super().__init__()
        _check_named("dilation", dilation, ("all", "first_previous"))
        _check_named("skip", skip, ("conv", "pad", "mean"))
        layers = Layers(dims)
        inputs = stem[-1] if stem else width
        self.conv1 = _stem(dims, in_channels, stem) if stem else layers.conv(in_channels, width, 7, 2, 3, bias=False)
        self.bn1 = BatchNorm(inputs)
        self.maxpool = layers.max_pool(3, 2, 1, ceil_mode=ceil_pool)
        channels, strides, previous = [inputs], [2, 4], 1
        for i, (count, (stride, rate)) in enumerate(zip(depths, STAGES[output_stride], strict=True)):
            rates = _rates(count, rate, previous, dilation, multi_grid if i == 3 else (1,))
            blocks = []
            for j, (first, later) in enumerate(rates):
                blocks.append(block(dims, inputs, width << i, 1 if j else stride, later, first, skip))
                inputs = (width << i) * block.expansion
            self.add_module(f"layer{i + 1}", nn.Sequential(*blocks))
            channels.append(inputs)
            strides.append(strides[-1] * stride)
            previous = rate
        self.channels, self.strides = tuple(channels), (2, *strides[2:])
        init_fan_out(self)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to five maps, finest first."""
        maps = [F.relu(self.bn1(self.conv1(x)), inplace=True)]
        for i in range(1, 5):
            maps.append(self.get_submodule(f"layer{i}")(self.maxpool(maps[0]) if i == 1 else maps[-1]))
        return maps


def init_fan_out(net: nn.Module) -> None:
    """He initialisation of every convolution for ReLU, by its outputs, as the published networks are."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _stem(dims: int, in_channels: int, widths: Sequence[int]) -> nn.Module:
    """3x3 convolutions, the first strides; norm and ReLU between them, those after the last are the network's."""
    conv = Layers(dims).conv
    parts: list[nn.Module] = []
    for i, (before, after) in enumerate(zip((in_channels, *widths), widths, strict=False)):
        parts += [BatchNorm(before), nn.ReLU(inplace=True)] if i else []
        parts.append(conv(before, after, 3, 1 if i else 2, 1, bias=False))
    return nn.Sequential(*parts)


def _rates(count: int, rate: int, previous: int, dilation: str, grid: Sequence[int]) -> list[tuple[int, int]]:
    """Per block of a stage: the dilation of its first 3x3 convolution and that of a second."""
    firsts = [previous if dilation == "first_previous" else rate] + [rate] * (count - 1)
    factors = [grid[i % len(grid)] for i in range(count)]
    return [(first * g, rate * g) for first, g in zip(firsts, factors, strict=True)]


def _same_or(module: nn.Module | None, x: torch.Tensor) -> torch.Tensor:
    return x if module is None else module(x)


def _check_named(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"{option}={value!r} of a residual network", "one of " + ", ".join(known))


def _add(depth: int, deep: bool) -> None:
    """Register one depth; ``deep`` is the 3x3 stem of 64, 64 and 128 channels."""
    name = f"resnet{depth}" + "s" * deep
    paper = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition. CVPR 2016"
    volumes = "MedicalNet (3D; skip 'pad')" if depth in (18, 34) else "MedicalNet (3D)"
    pictures = "" if depth in (10, 200) else "torchvision (2D), "
    weights = f"timm {name}" if deep else pictures + volumes
    card = BackboneCard(
        title=f"ResNet-{depth}" + (" with a deep stem" if deep else ""),
        paper=paper + ("; stem of Zhao et al.: Pyramid Scene Parsing Network. CVPR 2017" if deep else ""),
        strides=(8, 16, 32),
        weights=weights,
        small={"width": 4},
        verified="parameter counts; maps of MONAI's networks with MedicalNet's dilation, at 10, 18 and 50 layers; with "
        "shared weights all maps of torchvision 0.29.2's resnet18 and, at output strides 8, 16 and 32, resnet50, and "
        "of timm 1.0.31's resnet50s",
    )

    @backbone(name, card)
    def build(dims: int, in_channels: int, output_stride: int = 32, width: int = 64, **options: Any) -> nn.Module:
        block = Bottleneck if depth >= 50 else BasicBlock
        stem = (width, width, 2 * width) if deep else None
        return ResNet(dims, in_channels, block, DEPTHS[depth], output_stride, width=width, stem=stem, **options)


for _depth in DEPTHS:
    _add(_depth, deep=False)
_add(50, deep=True)
_add(101, deep=True)
