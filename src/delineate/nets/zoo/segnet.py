"""SegNet: a decoder that puts maxima back where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.unet_stage import init_he
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="SegNet",
    paper="Badrinarayanan, Kendall, Cipolla: SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image "
    "Segmentation. IEEE TPAMI 2017",
    stride=32,
    differs="starts from random weights, not from VGG-16's; windows at the end of an odd axis are one voxel long "
    "instead of left out",
    verified="parameters equal the paper's layer list: 29.45 million for 3 channels and 11 classes; with "
    "shared weights it gives what pytorchcv 0.0.74's segnet_cityscapes gives (sizes of multiples of 32)",
    small={"widths": (4, 8, 8), "convs": (2, 2, 3)},
)


class SegNet(nn.Module):
    """The convolutions of VGG-16 (Simonyan & Zisserman, ICLR 2015) with batch norm, and their mirror image.

    What goes across from encoder to decoder are the places of the maxima, and no maps.
    """

    def __init__(
        self, dims: int, in_channels: int, out_channels: int, widths: Sequence[int], convs: Sequence[int]
    ) -> None:
        super().__init__()
        layers = Layers(dims)
        self.dims, self.in_channels = dims, in_channels
        self.pool, self.unpool = layers.max_pool(2, ceil_mode=True, return_indices=True), layers.max_unpool(2)
        before = (in_channels, *widths)
        self.encoder = nn.ModuleList(
            _stack(dims, [a] + [b] * n) for a, b, n in zip(before, widths, convs, strict=False)
        )
        mirrored = [[b] * n + [a] for a, b, n in zip(before, widths, convs, strict=False)]
        mirrored[0] = mirrored[0][:-1]  # its last convolution is the classifier
        self.decoder = nn.ModuleList(_stack(dims, channels) for channels in mirrored)
        self.head = layers.conv(widths[0], out_channels, 3, padding=1)
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``, without padding: odd sizes come back as they went."""
        check_input(x, self.dims, self.in_channels)
        places, sizes = [], []
        for block in self.encoder:
            x = block(x)
            sizes.append(x.shape[2:])
            x, where = self.pool(x)
            places.append(where)
        for block in reversed(self.decoder):
            x = block(self.unpool(x, places.pop(), output_size=sizes.pop()))
        return self.head(x)


@network("segnet", CARD)
def build_segnet(
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Any = (64, 128, 256, 512, 512),
    convs: Any = (2, 2, 3, 3, 3),
) -> nn.Module:
    """``widths`` are the channels of each level, finest first, and ``convs`` counts its convolutions on either side."""
    if len(widths) != len(convs) or not widths or min(*widths, *convs) < 1:
        raise UsageError(
            f"a SegNet of widths {tuple(widths)} and convs {tuple(convs)}", "one of each per level, at least 1"
        )
    return SegNet(dims, in_channels, out_channels, tuple(widths), tuple(convs))


def _stack(dims: int, channels: Sequence[int]) -> nn.Sequential:
    """Convolutions from each number of channels to the next."""
    return nn.Sequential(*(conv_unit(dims, a, b, bias=True) for a, b in pairwise(channels)))
