"""`Topology`: the numbers of a U-Net, checked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any

from delineate.core.errors import UsageError

Axes = tuple[int, ...]


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
    ) -> Topology:
        """From options as a plan writes them: one number stands for all axes or all stages, None for stride 2.

        Raises:
            UsageError: numbers that do not fit together; all of them are in the message.
        """
        try:
            numbers = _per_stage(dims, len(widths), strides, kernels, blocks, decoder_blocks)
            made = cls(dims=dims, widths=tuple(widths), heads=heads, **numbers)
            wrong = made._misfits()
        except TypeError as error:
            wrong = [str(error)]
        if wrong:
            raise UsageError(
                "the U-Net's options do not fit together: " + "; ".join(wrong),
                "one width, stride, kernel and blocks per stage, decoder_blocks for all but the last, odd kernels",
                "correct the stage's net.options in plan.json",
            )
        return made

    @property
    def scales(self) -> tuple[Axes, ...]:
        """Input voxels per voxel of each stage, per axis."""
        per_axis = [tuple(accumulate(axis, mul)) for axis in zip(*self.strides, strict=True)]
        return tuple(zip(*per_axis, strict=True))

    def _misfits(self) -> list[str]:
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
        return wrong


def _per_stage(dims: int, n: int, strides: Any, kernels: Any, blocks: Any, decoder_blocks: Any) -> dict[str, Any]:
    """The shorthands written out for ``n`` stages."""
    strides = (1, *(2,) * (n - 1)) if strides is None else strides
    kernels = (kernels,) * n if isinstance(kernels, int) else kernels
    return {
        "strides": tuple(_axes(s, dims) for s in strides),
        "kernels": tuple(_axes(k, dims) for k in kernels),
        "blocks": (blocks,) * n if isinstance(blocks, int) else tuple(blocks),
        "decoder_blocks": (decoder_blocks,) * (n - 1) if isinstance(decoder_blocks, int) else tuple(decoder_blocks),
    }


def _axes(value: Any, dims: int) -> Axes:
    return (value,) * dims if isinstance(value, int) else tuple(value)
