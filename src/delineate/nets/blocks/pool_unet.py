"""`PoolUNet`: down by max pooling and up again with concatenation, whatever the blocks (Ronneberger et al. 2015)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.attention_gate import AttentionGate
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.unet_stage import init_he
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.resize import upsample


class PoolUNet(nn.Module):
    """Level ``i`` is ``2 ** i`` times smaller than the input.

    ``encoder`` has a block per level, finest first; ``ups``, ``decoder`` and ``gates`` one per level but the last. An
    up doubles the size of the level below, the gate (if there are any) makes of the encoder's map and of the result
    what is passed on of the former, and the decoder's block takes both, the encoder's first. ``head`` makes the logits.
    """

    def __init__(
        self,
        dims: int,
        in_channels: int,
        encoder: Iterable[nn.Module],
        ups: Iterable[nn.Module],
        decoder: Iterable[nn.Module],
        head: nn.Module,
        gates: Iterable[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        self.encoder, self.decoder = nn.ModuleList(encoder), nn.ModuleList(decoder)
        self.ups, self.gates = nn.ModuleList(ups), nn.ModuleList(gates)
        self.pool, self.head = Layers(dims).max_pool(2), head
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; padded inside to a multiple of the coarsest step."""
        check_input(x, self.dims, self.in_channels)
        size = x.shape[2:]
        x = pad_to_multiple(x, (2 ** len(self.decoder),) * self.dims)
        maps: list[torch.Tensor] = []
        for block in self.encoder:
            x = block(self.pool(x) if maps else x)
            maps.append(x)
        for i in reversed(range(len(self.decoder))):
            x = self.ups[i](x)
            skip = self.gates[i](maps[i], x) if self.gates else maps[i]
            x = self.decoder[i](torch.cat((skip, x), dim=1))
        return crop_to(self.head(x), size)


class Upsample(nn.Module):
    """Twice the size, by linear interpolation or the nearest voxel; no weights."""

    def __init__(self, mode: str = "linear") -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, c, *(2 * size)]``."""
        return upsample(x, 2, self.mode)


def enlarging_unet(
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Sequence[int],
    block: Callable[[int, int], nn.Module],
    gated: bool,
) -> PoolUNet:
    """A `PoolUNet` of ``block(in, out)`` whose ups enlarge to the nearest voxel and convolve; ``gated`` gives its skip
    connections attention gates with half as many channels."""
    wide = check_widths(widths)
    return PoolUNet(
        dims,
        in_channels,
        (block(a, b) for a, b in pairwise((in_channels, *wide))),
        (nn.Sequential(Upsample("nearest"), conv_unit(dims, below, w, bias=True)) for w, below in pairwise(wide)),
        (block(2 * w, w) for w in wide[:-1]),
        Layers(dims).conv(wide[0], out_channels, 1),
        (AttentionGate(dims, w, w, max(1, w // 2)) for w in wide[:-1] if gated),
    )


def check_widths(widths: Sequence[int]) -> tuple[int, ...]:
    """The channels of each level as a tuple.

    Raises:
        UsageError: fewer than two levels or a level without channels.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise UsageError(f"a U-Net of widths {tuple(widths)}", "two or more, each at least 1", "correct `widths`")
    return tuple(widths)
