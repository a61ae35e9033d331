"""What a U-Net costs, by formula: the planner prices hundreds of them without building one (or loading torch)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import ceil, prod
from operator import mul

from delineate.core.record import Record


class Price(Record):
    """The cost of one forward pass of batch 1.

    ``flops`` are multiply-adds of all convolutions (profilers that count both report twice that), ``activations`` the
    numbers kept for the backward pass, ``parameters`` those of the network with a single head. ``forward`` are the
    numbers alive at once in answering; 0 where they are not counted.
    """

    flops: int = 0
    activations: int = 0
    parameters: int = 0
    forward: int = 0

    def __add__(self, other: Price) -> Price:
        return Price(
            flops=self.flops + other.flops,
            activations=self.activations + other.activations,
            parameters=self.parameters + other.parameters,
            forward=self.forward + other.forward,
        )


def price_unet(  # noqa: PLR0913
    dims: int,
    patch: Sequence[int],
    in_channels: int,
    out_channels: int,
    widths: Sequence[int],
    strides: Sequence[Sequence[int]],
    kernels: Sequence[Sequence[int]],
    blocks: Sequence[int],
    decoder_blocks: Sequence[int],
    residual: bool,
    heads: int = 1,
) -> Price:
    """The price of the networks ``plain_unet`` and ``resenc_unet`` with these options, per stage and per axis.

    ``heads`` is the number of outputs in training (deep supervision). The patch is padded to the total stride, as the
    networks do.
    """
    total = [prod(axis) for axis in zip(*strides, strict=True)]
    padded = [ceil(n / t) * t for n, t in zip(patch, total, strict=True)]
    scales = zip(*(accumulate(axis, mul) for axis in zip(*strides, strict=True)), strict=True)
    voxels = [prod(n // s for n, s in zip(padded, scale, strict=True)) for scale in scales]
    taps = [prod(k) for k in kernels]

    price = Price(activations=in_channels * voxels[0])
    last = in_channels
    if residual:
        price += _conv_norm(in_channels, widths[0], taps[0], voxels[0])
        last = widths[0]
    for i, width in enumerate(widths):
        step = prod(strides[i])
        stage = _residual_stage if residual else _plain_stage
        price += stage(last, width, taps[i], voxels[i], step, blocks[i])
        last = width
    for i in reversed(range(len(widths) - 1)):
        price += _up(widths[i + 1], widths[i], voxels[i], prod(strides[i + 1]))
        price += _plain_stage(2 * widths[i], widths[i], taps[i], voxels[i], 1, decoder_blocks[i])
        if i < max(heads, 1):
            size = widths[i] * out_channels
            price += Price(flops=size * voxels[i], parameters=size + out_channels)
    return price


def _conv_norm(inside: int, width: int, taps: int, voxels: int, act: bool = True) -> Price:
    """A convolution, its norm and activation: the norm keeps its input, the next layer the activation's output."""
    weights = inside * width * taps
    kept = (2 if act else 1) * width * voxels
    return Price(flops=weights * voxels, activations=kept, parameters=weights + 2 * width)


def _plain_stage(inside: int, width: int, taps: int, voxels: int, step: int, blocks: int) -> Price:
    """``step`` changes nothing here: a strided convolution costs by its output."""
    price = _conv_norm(inside, width, taps, voxels)
    for _ in range(blocks - 1):
        price += _conv_norm(width, width, taps, voxels)
    return price


def _residual_stage(inside: int, width: int, taps: int, voxels: int, step: int, blocks: int) -> Price:
    price = Price()
    for i in range(blocks):
        here = width if i else inside
        price += _conv_norm(here, width, taps, voxels) + _conv_norm(width, width, taps, voxels)
        if here != width:
            price += _conv_norm(here, width, 1, voxels, act=False)
            if step > 1:  # the pooled map is the shortcut convolution's input
                price += Price(activations=here * voxels)
    return price


def _up(below: int, width: int, voxels: int, step: int) -> Price:
    """The transposed convolution and the concatenation, which is a copy."""
    weights = below * width
    return Price(flops=weights * voxels, activations=2 * width * voxels, parameters=weights * step + width)
