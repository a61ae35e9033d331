"""ResUNet++: residual units with squeeze and excitation, atrous pyramids and attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.pool_unet import check_widths
from delineate.nets.blocks.preactivation import PreActivation, norm_relu
from delineate.nets.blocks.unet_stage import init_he
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm
from delineate.nets.resize import upsample

CARD = NetCard(
    title="ResUNet++",
    paper="Jha, Smedsrud, Riegler, Johansen, de Lange, Halvorsen, Johansen: ResUNet++: An Advanced Architecture for "
    "Medical Image Segmentation. IEEE ISM 2019",
    stride=8,
    differs="the input is padded to a multiple of 8",
    verified="parameters equal the layer list of the authors' PyTorch code",
    small={"widths": (4, 8, 8, 16, 16)},
)
_RATES = (1, 6, 12, 18)


class SqueezeExcitation(nn.Module):
    """Channels weighed by what the whole map says of them (Hu, Shen, Sun, CVPR 2018)."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        few = max(1, channels // reduction)
        self.weigh = nn.Sequential(
            nn.Linear(channels, few, bias=False), nn.ReLU(inplace=True), nn.Linear(few, channels, bias=False)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` to the same."""
        weights = torch.sigmoid(self.weigh(x.flatten(2).mean(-1)))
        return x * weights[(..., *(None,) * (x.ndim - 2))]


class Pyramid(nn.Module):
    """Atrous convolutions of four rates with batch norm, added up, and a 1-wide one (after Chen et al., TPAMI 2018)."""

    def __init__(self, dims: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        conv = Layers(dims).conv
        self.branches = nn.ModuleList(
            nn.Sequential(conv(in_channels, out_channels, 3, padding=r, dilation=r), BatchNorm(out_channels))
            for r in _RATES
        )
        self.last = conv(out_channels, out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        first, *others = self.branches
        total = first(x)
        for branch in others:
            total = total + branch(x)
        return self.last(total)


class Decoder(nn.Module):
    """The coarse map, multiplied by attention that sees the encoder's ``skip`` too, enlarged and joined with it."""

    def __init__(self, dims: int, skip: int, below: int, out_channels: int) -> None:
        super().__init__()
        layers = Layers(dims)
        self.of_skip = nn.Sequential(*norm_relu(skip), layers.conv(skip, below, 3, padding=1), layers.max_pool(2))
        self.of_below = nn.Sequential(*norm_relu(below), layers.conv(below, below, 3, padding=1))
        self.attend = nn.Sequential(*norm_relu(below), layers.conv(below, below, 3, padding=1))
        self.unit = _unit(dims, skip + below, out_channels)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """``[b, below, *size]`` and ``[b, skip, *(2 * size)]`` to ``[b, out, *(2 * size)]``."""
        x = x * self.attend(self.of_skip(skip) + self.of_below(x))
        return self.unit(torch.cat((upsample(x, mode="nearest"), skip), dim=1))


class ResUNetPlusPlus(nn.Module):
    """The last of ``widths`` is the pyramid's; the one above it is the coarsest of the encoder."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        *levels, bridge = widths
        before = (in_channels, *levels)
        self.encoder = nn.ModuleList(
            _unit(dims, a, b, stride=2 if i else 1, first=not i)
            for i, (a, b) in enumerate(zip(before, levels, strict=False))
        )
        self.bridge = Pyramid(dims, levels[-1], bridge)
        # the decoder is twice as wide as the encoder's map it joins
        below = [2 * w for w in levels[1:-1]] + [bridge]
        self.decoder = nn.ModuleList(Decoder(dims, w, b, 2 * w) for w, b in zip(levels, below, strict=False))
        self.pyramid = Pyramid(dims, 2 * levels[0], levels[0])
        self.head = Layers(dims).conv(levels[0], out_channels, 1)
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        size = x.shape[2:]
        x = pad_to_multiple(x, (2 ** len(self.decoder),) * self.dims)
        maps = []
        for unit in self.encoder:
            x = unit(x)
            maps.append(x)
        x = self.bridge(maps.pop())
        for stage in reversed(self.decoder):
            x = stage(x, maps.pop())
        return crop_to(self.head(self.pyramid(x)), size)


@network("resunetpp", CARD)
def build_resunetpp(dims: int, in_channels: int, out_channels: int, widths: Any = (16, 32, 64, 128, 256)) -> nn.Module:
    """``widths`` are the channels of each level of the encoder, finest first, then those of the pyramid below it."""
    wide = check_widths(widths)
    if len(wide) < 3:
        raise UsageError(f"a ResUNet++ of widths {wide}", "three or more, the last of them the pyramid's")
    return ResUNetPlusPlus(dims, in_channels, out_channels, wide)


def _unit(dims: int, in_channels: int, out_channels: int, stride: int = 1, first: bool = False) -> nn.Sequential:
    """A residual unit whose channels are weighed."""
    return nn.Sequential(PreActivation(dims, in_channels, out_channels, stride, first), SqueezeExcitation(out_channels))
