"""`UShape`: an encoder, a decoder that meets it at every resolution, and heads; two and three dimensions alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks import ConvNorm, init_he, plain_stage
from delineate.nets.nd import check_input, conv, conv_up, crop_to, pad_to_multiple

Axes = tuple[int, ...]
StageBuilder = Callable[[int, int, Sequence[int], Sequence[int], int], nn.Module]


@dataclass(frozen=True)
class Topology:
    """The numbers of a U-Net: per stage its width, stride, kernel and blocks, finest first; ``decoder_blocks`` has one
    stage fewer. Stage ``i`` strides into itself, so the first stride is all ones."""

    dims: int
    widths: tuple[int, ...]
    strides: tuple[Axes, ...]
    kernels: tuple[Axes, ...]
    blocks: tuple[int, ...]
    decoder_blocks: tuple[int, ...]
    heads: int

    @classmethod
    def of(
        cls, dims: int, widths: Any, strides: Any, kernels: Any, blocks: Any, decoder_blocks: Any, heads: int
    ) -> Topology:  # fmt: skip
        """From options as a plan writes them: one number stands for all axes or all stages, None for stride 2.

        Raises:
            UsageError: numbers that do not fit together; all of them are in the message.
        """
        n = len(widths)
        strides = (1, *(2,) * (n - 1)) if strides is None else strides
        kernels = (kernels,) * n if isinstance(kernels, int) else kernels
        made = cls(
            dims,
            tuple(widths),
            tuple(_axes(s, dims) for s in strides),
            tuple(_axes(k, dims) for k in kernels),
            (blocks,) * n if isinstance(blocks, int) else tuple(blocks),
            (decoder_blocks,) * (n - 1) if isinstance(decoder_blocks, int) else tuple(decoder_blocks),
            heads,
        )
        made._check()
        return made

    @property
    def scales(self) -> tuple[Axes, ...]:
        """Input voxels per voxel of each stage, per axis."""
        per_axis = [tuple(accumulate(axis, mul)) for axis in zip(*self.strides, strict=True)]
        return tuple(zip(*per_axis, strict=True))

    def _check(self) -> None:
        n = len(self.widths)
        wrong = [
            f"{name} has {len(values)} entries for {n} widths, not {wanted}"
            for name, values, wanted in (
                ("strides", self.strides, n),
                ("kernels", self.kernels, n),
                ("blocks", self.blocks, n),
                ("decoder_blocks", self.decoder_blocks, n - 1),
            )
            if len(values) != wanted
        ]
        axes = (*self.strides, *self.kernels)
        wrong += [f"{a} does not have {self.dims} numbers" for a in axes if len(a) != self.dims]
        if n < 2:
            wrong.append("fewer than two stages")
        if any(v < 1 for v in (*self.widths, *self.blocks, *self.decoder_blocks, *(v for a in axes for v in a))):
            wrong.append("a number below 1")
        if any(k % 2 == 0 for a in self.kernels for k in a):
            wrong.append("an even kernel")
        if self.strides and max(self.strides[0]) > 1:
            wrong.append("a first stride that is not 1")
        if not 0 <= self.heads < max(n, 2):
            wrong.append(f"deep_supervision of {self.heads} heads for {n - 1} decoder stages")
        if wrong:
            raise UsageError(
                "the U-Net's options do not fit together: " + "; ".join(wrong),
                "one width, stride, kernel and blocks per stage, decoder_blocks for all but the last, odd kernels",
                "correct the stage's net.options in plan.json",
            )


class Up(nn.Module):
    """One step up: transposed convolution, concatenation with the encoder's map, convolutions."""

    def __init__(self, below: int, width: int, kernel: Axes, stride: Axes, blocks: int) -> None:
        super().__init__()
        self.up = conv_up(below, width, stride)
        self.convs = plain_stage(2 * width, width, kernel, (1,) * len(kernel), blocks)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """``x`` of the stage below and the encoder's ``skip`` to the map of this stage."""
        return self.convs(torch.cat((self.up(x), skip), dim=1))


class UShape(nn.Module):
    """A U-Net of ``topology`` whose encoder stages are made by ``stage``, after a ``stem`` convolution if asked."""

    def __init__(
        self, topology: Topology, in_channels: int, out_channels: int, stage: StageBuilder, stem: bool
    ) -> None:
        super().__init__()
        t = topology
        self.topology, self.in_channels = t, in_channels
        ones = (1,) * t.dims
        self.stem = ConvNorm(in_channels, t.widths[0], t.kernels[0], ones) if stem else nn.Identity()
        widths = (t.widths[0] if stem else in_channels, *t.widths)
        per_stage = zip(widths, t.widths, t.kernels, t.strides, t.blocks, strict=False)
        self.encoder = nn.ModuleList(stage(*numbers) for numbers in per_stage)
        self.decoder = nn.ModuleList(
            Up(t.widths[i + 1], t.widths[i], t.kernels[i], t.strides[i + 1], t.decoder_blocks[i])
            for i in range(len(t.widths) - 1)
        )
        heads = max(1, t.heads)
        self.heads = nn.ModuleList(conv(w, out_channels, ones, ones, bias=True) for w in t.widths[:heads])
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor | list[torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training one per head, full resolution first, each of
        size ``ceil(size / scale)``."""
        check_input(x, self.topology.dims, self.in_channels)
        size = x.shape[2:]
        x = self.stem(pad_to_multiple(x, self.topology.scales[-1]))
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        wanted = len(self.heads) if self.training else 1
        logits: list[torch.Tensor] = []
        for i in reversed(range(len(self.decoder))):
            x = self.decoder[i](x, skips[i])
            if i < wanted:
                smaller = [-(-n // s) for n, s in zip(size, self.topology.scales[i], strict=True)]
                logits.insert(0, crop_to(self.heads[i](x), smaller))
        return logits if len(logits) > 1 else logits[0]


def _axes(value: Any, dims: int) -> Axes:
    return (value,) * dims if isinstance(value, int) else tuple(value)
