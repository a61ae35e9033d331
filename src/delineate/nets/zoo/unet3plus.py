"""UNet 3+: every level of the decoder sees every scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.double_conv import double_conv
from delineate.nets.blocks.pool_unet import check_widths
from delineate.nets.blocks.unet_stage import init_he
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.resize import resize

CARD = NetCard(
    title="UNet 3+",
    paper="Huang, Lin, Tong, Hu, Zhang, Iwamoto, Han, Chen, Wu: UNet 3+: A Full-Scale Connected UNet for Medical Image "
    "Segmentation. ICASSP 2020",
    stride=16,
    deep_supervision=True,
    differs="logits, no sigmoid inside, and any number of classes; batch norm follows each convolution. What the "
    "classification module finds empty gets probabilities of nearly none, as in the paper (its reference multiplies "
    "before the sigmoid, which leaves one half), in eval only, so that patches teach the decoder whatever it says",
    verified="parameters equal those of ZJUGiveLab/UNet-Version, also with deep supervision and with its "
    "classification module",
    small={"widths": (4, 8, 8)},
)
SURE = 10.0
"""The logit of a background where nothing is present, and minus that of a region."""


class FullScale(nn.Module):
    """One level of the decoder: maps of all scales, pooled or enlarged, convolved to ``width`` channels each, and a
    convolution of them together."""

    def __init__(self, dims: int, level: int, channels: Sequence[int], width: int) -> None:
        super().__init__()
        pool = Layers(dims).max_pool
        self.level = level
        self.pools = nn.ModuleList(pool(2 ** (level - i)) for i in range(level))
        self.convs = nn.ModuleList(conv_unit(dims, c, width, bias=True) for c in channels)
        total = width * len(channels)
        self.join = conv_unit(dims, total, total, bias=True)

    def forward(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        """A map per level, finest first, to ``[b, width * len(maps), *size of this level]``."""
        size = maps[self.level].shape[2:]
        here = [pool(x) for pool, x in zip(self.pools, maps, strict=False)]
        here += [resize(x, size) for x in maps[self.level :]]
        return self.join(torch.cat([conv(x) for conv, x in zip(self.convs, here, strict=True)], dim=1))


class Presence(nn.Module):
    """Whether there is anything to segment, of the deepest map: the classification-guided module of the paper."""

    def __init__(self, dims: int, channels: int) -> None:
        super().__init__()
        layers = Layers(dims)
        self.body = nn.Sequential(nn.Dropout(0.5), layers.conv(channels, 2, 1), layers.adaptive_max_pool(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to logits ``[b, 1, 1, ...]`` of presence: the second of two scores less the first."""
        scores = self.body(x)
        return scores[:, 1:] - scores[:, :1]


class UNet3Plus(nn.Module):
    """Encoder of ``widths``, decoder levels of ``join`` channels per scale, ``heads`` levels with logits."""

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        in_channels: int,
        out_channels: int,
        widths: Sequence[int],
        join: int,
        heads: int,
        presence: bool,
        background: bool,
    ) -> None:
        super().__init__()
        layers, depth = Layers(dims), len(widths)
        self.dims, self.in_channels = dims, in_channels
        self.nothing: torch.Tensor
        self.pool = layers.max_pool(2)
        self.encoder = nn.ModuleList(double_conv(dims, a, b, bias=True) for a, b in pairwise((in_channels, *widths)))
        whole = [join * depth] * (depth - 1) + [widths[-1]]  # of the decoder's levels, with the encoder's last
        self.decoder = nn.ModuleList(
            FullScale(dims, i, [*widths[: i + 1], *whole[i + 1 :]], join) for i in range(depth - 1)
        )
        self.heads = nn.ModuleList(layers.conv(c, out_channels, 3, padding=1) for c in whole[:heads])
        self.presence = Presence(dims, widths[-1]) if presence else None
        self.auxiliaries = {f"deep{i}": Auxiliary(weight=1.0) for i in range(1, heads)}
        if presence:
            self.auxiliaries["presence"] = Auxiliary(weight=1.0, target="presence")
        alone = not background or out_channels == 1
        nothing = [-SURE] * out_channels if alone else [SURE] + [0.0] * (out_channels - 1)
        self.register_buffer("nothing", torch.tensor(nothing).view(1, -1, *(1,) * dims), persistent=False)
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor | dict[str, torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training with several heads a dict of such, enlarged,
        and ``presence`` ``[b, 1, 1, ...]``. In eval an image in which nothing is thought present is emptied."""
        check_input(x, self.dims, self.in_channels)
        size = x.shape[2:]
        x = pad_to_multiple(x, (2 ** len(self.decoder),) * self.dims)
        padded = x.shape[2:]
        maps: list[torch.Tensor] = []
        for block in self.encoder:
            x = block(self.pool(x) if maps else x)
            maps.append(x)
        present = None if self.presence is None else self.presence(x)
        for i in reversed(range(len(self.decoder))):
            maps[i] = self.decoder[i](maps)
        wanted = self.heads if self.training else self.heads[:1]
        logits = [crop_to(resize(head(m), padded), size) for head, m in zip(wanted, maps, strict=False)]
        if not self.training:
            return logits[0] if present is None else logits[0].where(present > 0, self.nothing.to(logits[0].dtype))
        outputs = {f"deep{i}" if i else "out": one for i, one in enumerate(logits)}
        if present is not None:
            outputs["presence"] = present
        return outputs if len(outputs) > 1 else logits[0]


@network("unet3plus", CARD)
def build_unet3plus(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Any = (64, 128, 256, 512, 1024),
    join: int | None = None,
    deep_supervision: int = 1,
    cgm: bool = False,
    background: bool = True,
) -> nn.Module:
    """``widths`` are the channels of the encoder's levels, finest first, ``join`` those each scale adds to a level of
    the decoder (None: as many as the finest). ``deep_supervision`` is the number of levels with logits; the paper's
    is all of them. ``cgm`` adds the classification-guided module; ``background``: the first output is the background;
    set it to false for regions that may overlap.

    Maps are enlarged to full size before they are convolved, as in the paper: mind the memory in three dimensions.
    """
    wide = check_widths(widths)
    if not 1 <= deep_supervision <= len(wide):
        raise UsageError(
            f"a UNet 3+ of {len(wide)} levels with {deep_supervision} outputs", f"1 to {len(wide)} outputs"
        )
    return UNet3Plus(dims, in_channels, out_channels, wide, join or wide[0], deep_supervision, cgm, background)
