"""Convolutions whose gradients are right in bfloat16 on a CPU, however short the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    _Conv = nn.modules.conv._ConvNd
else:
    _Conv = object


class _ShortMap(_Conv):
    """Works in float32 where oneDNN's bfloat16 does not work.

    Along an axis shorter than the (dilated) kernel, oneDNN's bfloat16 gradient of a kernel (torch 2.13) now and then
    reads memory nobody wrote: in volumes, and in pictures one pixel wide where the convolution strides. Deep maps are
    that short.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``, in the type it would have otherwise."""
        if x.device.type != "cpu" or not _rough(x) or not self._longer_than(x):
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            bias = None if self.bias is None else self.bias.float()
            return self._conv_forward(x.float(), self.weight.float(), bias).to(torch.bfloat16)

    def _longer_than(self, x: torch.Tensor) -> bool:
        sizes = zip(x.shape[2:], self.kernel_size, self.dilation, strict=True)
        return any(n < d * (k - 1) + 1 for n, k, d in sizes)


class ShortMapConv2d(_ShortMap, nn.Conv2d):
    """`torch.nn.Conv2d` that is right for short maps, too."""


class ShortMapConv3d(_ShortMap, nn.Conv3d):
    """`torch.nn.Conv3d` that is right for short maps, too."""


def _rough(x: torch.Tensor) -> bool:
    """Whether a convolution of ``x`` would be computed in bfloat16."""
    autocast = torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16
    return autocast or x.dtype == torch.bfloat16
