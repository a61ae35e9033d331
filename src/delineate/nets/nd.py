"""Two or three dimensions: layers with a number for each axis, and what a network does with a batch first and last."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.short_map import ShortMapConv2d, ShortMapConv3d

_CONV: dict[int, type[nn.Conv2d] | type[nn.Conv3d]] = {2: ShortMapConv2d, 3: ShortMapConv3d}
_CONV_UP: dict[int, type[nn.ConvTranspose2d] | type[nn.ConvTranspose3d]] = {
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
_SPATIAL = {2: "y, x", 3: "z, y, x"}


def check_dims(dims: int) -> int:
    """``dims`` itself.

    Raises:
        UsageError: neither 2 nor 3.
    """
    if dims not in _CONV:
        raise UsageError(f"a network of {dims} dimensions", "2 or 3", "set dims to 2 (slices, pictures) or 3 (volumes)")
    return dims


def conv(in_channels: int, out_channels: int, kernel: Sequence[int], stride: Sequence[int], bias: bool) -> nn.Module:
    """A convolution that keeps the size (divided by ``stride``); ``kernel`` is odd and has one number per axis."""
    padding = tuple(k // 2 for k in kernel)
    layer = _CONV[len(kernel)]
    return layer(in_channels, out_channels, tuple(kernel), tuple(stride), padding, bias=bias)  # type: ignore[arg-type]


def conv_up(in_channels: int, out_channels: int, stride: Sequence[int]) -> nn.Module:
    """A transposed convolution whose kernel is its stride: every voxel becomes ``prod(stride)`` voxels."""
    layer = _CONV_UP[len(stride)]
    return layer(in_channels, out_channels, tuple(stride), tuple(stride))  # type: ignore[arg-type]


class AveragePool(nn.Module):
    """The mean over blocks of ``stride``, in the input's type."""

    def __init__(self, stride: Sequence[int]) -> None:
        super().__init__()
        self.stride = tuple(stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, c, *(size / stride)]``."""
        if len(self.stride) == 2:
            return F.avg_pool2d(x, self.stride)
        if x.device.type == "cpu" and x.dtype == torch.bfloat16:
            return _RoughPool.apply(x, self.stride)
        return F.avg_pool3d(x, self.stride)


class _RoughPool(torch.autograd.Function):
    """The mean of bfloat16 blocks on a CPU, which torch has in float32 only: its own backward would keep the float32
    copy, this one keeps nothing."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, stride: tuple[int, ...]) -> torch.Tensor:
        ctx.stride = stride
        return F.avg_pool3d(x.float(), stride).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        grad = grad / prod(ctx.stride)
        for axis, step in enumerate(ctx.stride, start=2):
            grad = grad.repeat_interleave(step, axis) if step > 1 else grad
        return grad, None


def check_input(x: torch.Tensor, dims: int, channels: int) -> None:
    """Refuse a batch a network cannot take.

    Raises:
        UsageError: not ``[batch, channels, *spatial]``; the message says what to change.
    """
    if x.ndim != dims + 2 or x.shape[1] != channels:
        raise UsageError(
            f"a batch of shape {tuple(x.shape)} for a {dims}D network of {channels} input channels",
            f"[batch, {channels}, {_SPATIAL[dims]}]",
            "add the batch or channel axis with `x[None]`, or build the network with the data's dims and in_channels",
        )


def pad_to_multiple(x: torch.Tensor, multiple: Sequence[int]) -> torch.Tensor:
    """Zeros after the end of each spatial axis until its size divides by ``multiple``; nothing is copied if it does."""
    rest = [-n % m for n, m in zip(x.shape[2:], multiple, strict=True)]
    if not any(rest):
        return x
    return F.pad(x, [p for r in reversed(rest) for p in (0, r)])


def crop_to(x: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """The first ``size`` voxels of each spatial axis: undoes `pad_to_multiple`."""
    if tuple(x.shape[2:]) == tuple(size):
        return x
    return x[(slice(None), slice(None), *(slice(0, n) for n in size))]
