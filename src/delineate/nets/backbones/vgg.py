"""VGG-16, with and without batch norm."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.backbones.resnet import init_fan_out
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm

GROUPS = ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3))
"""Per pooling: channels in units of ``width``, and convolutions before it."""


class VGG(nn.Module):
    """Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition. ICLR 2015.

    Five maps, after each pooling (1/2 to 1/32). Parameters are named as in torchvision, without the classifier. Below
    an output stride of 32 the last poolings are 3x3 and do not stride, and what follows is dilated (Chen et al.,
    DeepLab. ICLR 2015). ``padding`` is the first convolution's (100 in FCN); poolings round sizes up, so that one voxel
    stays one voxel.
    """

    def __init__(
        self,
        dims: int,
        in_channels: int,
        output_stride: int = 32,
        width: int = 64,
        norm: bool = False,
        padding: int = 1,
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        parts: list[nn.Module] = []
        channels, strides, inputs, rate = [], [], in_channels, 1
        for i, (factor, count) in enumerate(GROUPS):
            for _ in range(count):
                pad = rate if parts else padding
                parts.append(layers.conv(inputs, factor * width, 3, padding=pad, dilation=rate))
                parts += [BatchNorm(factor * width)] if norm else []
                parts.append(nn.ReLU(inplace=True))
                inputs = factor * width
            pools = 2 ** (i + 1) <= output_stride
            parts.append(layers.max_pool(2, 2, ceil_mode=True) if pools else layers.max_pool(3, 1, 1))
            rate = rate if pools else 2 * rate
            channels.append(inputs)
            strides.append(min(2 ** (i + 1), output_stride))
        self.features = nn.Sequential(*parts)
        self.pools = tuple(i for i, p in enumerate(parts) if isinstance(p, nn.MaxPool2d | nn.MaxPool3d))
        self.channels, self.strides = tuple(channels), tuple(strides)
        init_fan_out(self)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to five maps, finest first."""
        maps = []
        for i, part in enumerate(self.features):
            x = part(x)
            if i in self.pools:
                maps.append(x)
        return maps


def _add(name: str, norm: bool) -> None:
    """Register one kind."""
    card = BackboneCard(
        title="VGG-16" + (" with batch norm" if norm else ""),
        paper="Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition. ICLR 2015",
        strides=(8, 16, 32),
        weights=f"torchvision {name}",
        small={"width": 4},
        differs="poolings round sizes up",
        verified="parameter names and count of torchvision; with shared weights all maps of torchvision 0.29.2's "
        f"{name}, at sizes of multiples of 32",
    )

    @backbone(name, card)
    def build(dims: int, in_channels: int, output_stride: int = 32, **options: Any) -> nn.Module:
        return VGG(dims, in_channels, output_stride, norm=norm, **options)


_add("vgg16", norm=False)
_add("vgg16_bn", norm=True)
