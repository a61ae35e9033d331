"""Xception as DeepLabv3+ changed it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.backbones.resnet import init_fan_out
from delineate.nets.blocks.separable import SeparableConv
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm

EPS = 1e-3
"""Of every norm, as in the published weights."""

MIDDLE = {41: 8, 65: 16}
"""Blocks between the entry and the exit, by depth."""


class ConvNorm(nn.Module):
    """A convolution that keeps the size (divided by ``stride``) and a norm, named as in timm."""

    def __init__(self, dims: int, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = Layers(dims).conv(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.bn = BatchNorm(outputs, eps=EPS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, outputs, *ceil(size / stride)]``."""
        return self.bn(self.conv(x))


class XceptionBlock(nn.Module):
    """Three separable convolutions, the last strides, each after a ReLU; around them a shortcut.

    ``last`` is the network's end: no shortcut, and norms and ReLUs inside the separable convolutions.
    """

    def __init__(
        self, dims: int, inputs: int, widths: Sequence[int], stride: int = 1, rate: int = 1, last: bool = False
    ) -> None:
        super().__init__()
        self.last = last
        changes = not last and (inputs != widths[-1] or stride > 1)
        self.shortcut = ConvNorm(dims, inputs, widths[-1], 1, stride) if changes else None
        convs = {}
        for i, (before, after) in enumerate(zip((inputs, *widths), widths, strict=False), 1):
            convs[f"conv{i}"] = SeparableConv(dims, before, after, stride if i == 3 else 1, rate, last, EPS)
        self.stack = nn.ModuleDict(convs)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """``[b, inputs, *size]`` to the result ``[b, widths[2], *ceil(size / stride)]``, and what the second
        convolution gave, ``[b, widths[1], *size]``."""
        out, second = x, x
        for name, conv in self.stack.items():
            out = conv(out if self.last else F.relu(out))
            second = out if name == "conv2" else second
        if not self.last:
            out = out + (x if self.shortcut is None else self.shortcut(x))
        return out, second


class Xception(nn.Module):
    """Chen, Zhu, Papandreou, Schroff, Adam: Encoder-Decoder with Atrous Separable Convolution. ECCV 2018; after
    Chollet: Xception. CVPR 2017.

    Five maps: what the second convolution gives in each block that strides (1/2, 1/4, 1/8, 1/16; before its ReLU), the
    one at 1/4 being what the decoder of DeepLabv3+ takes, and the last map. A block that would stride beyond
    ``output_stride`` does not, and later ones are dilated instead. Parameters are named as in timm.
    """

    def __init__(self, dims: int, in_channels: int, depth: int, output_stride: int, width: int = 64) -> None:
        super().__init__()
        wide = {c: c * width // 64 for c in (32, 64, 128, 256, 728, 1024, 1536, 2048)}
        first, inputs = wide[32], wide[64]
        self.stem = nn.Sequential(ConvNorm(dims, in_channels, first, 3, 2), ConvNorm(dims, first, inputs, 3, 1))
        entry = [((wide[c],) * 3, True) for c in (128, 256, 728)]
        middle = [((wide[728],) * 3, False)] * MIDDLE[depth]
        leave = [((wide[728], wide[1024], wide[1024]), True), ((wide[1536], wide[1536], wide[2048]), False)]
        plan = [*entry, *middle, *leave]
        blocks, channels, strides = [], [], []
        reached, rate = 2, 1
        for i, (widths, strided) in enumerate(plan):
            stays = strided and reached == output_stride
            stride = 2 if strided and not stays else 1
            blocks.append(XceptionBlock(dims, inputs, widths, stride, rate, i == len(plan) - 1))
            if strided:
                channels.append(widths[1])
                strides.append(reached)
                reached, rate = reached * stride, rate * (2 if stays else 1)
            inputs = widths[2]
        self.blocks = nn.Sequential(*blocks)
        self.strided = tuple(s for _, s in plan)
        self.channels, self.strides = (*channels, inputs), (*strides, reached)
        init_fan_out(self)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to five maps, finest first."""
        for conv in self.stem:
            x = F.relu(conv(x), inplace=True)
        maps = []
        for block, strided in zip(self.blocks, self.strided, strict=True):
            x, second = block(x)
            if strided:
                maps.append(second)
        return [*maps, x]


def _add(depth: int) -> None:
    """Register one depth."""
    card = BackboneCard(
        title=f"Aligned Xception-{depth}",
        paper="Chen, Zhu, Papandreou, Schroff, Adam: Encoder-Decoder with Atrous Separable Convolution for Semantic "
        "Image Segmentation. ECCV 2018; after Chollet: Xception. CVPR 2017",
        strides=(8, 16, 32),
        weights=f"timm xception{depth}",
        small={"width": 4},
        verified="layers of the authors' release; parameter names of timm; parameter count by layer list; with shared "
        f"weights the last map of timm 1.0.31's xception{depth}, at output stride {32 if depth == 41 else 16}",
    )

    @backbone(f"xception{depth}", card)
    def build(dims: int, in_channels: int, output_stride: int = 16, width: int = 64) -> nn.Module:
        return Xception(dims, in_channels, depth, output_stride, width)


for _depth in MIDDLE:
    _add(_depth)
