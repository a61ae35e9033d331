"""`Layers`: torch's layers for a number of spatial dimensions, so that one definition serves pictures and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.nd import check_dims
from delineate.nets.short_map import ShortMapConv2d, ShortMapConv3d


@dataclass(frozen=True)
class Layers:
    """``Layers(3).conv`` is a `torch.nn.Conv3d`, and so on; sizes may be one number or ``dims`` of them."""

    dims: int

    def __post_init__(self) -> None:
        check_dims(self.dims)

    @property
    def conv(self) -> Any:
        """Convolution; one that copes with short maps in bfloat16."""
        return ShortMapConv3d if self.dims == 3 else ShortMapConv2d

    @property
    def conv_transpose(self) -> Any:
        """Transposed convolution."""
        return self._torch("ConvTranspose")

    @property
    def max_pool(self) -> Any:
        """Maximum over windows."""
        return self._torch("MaxPool")

    @property
    def max_unpool(self) -> Any:
        """Maxima back to where they came from."""
        return self._torch("MaxUnpool")

    @property
    def avg_pool(self) -> Any:
        """Mean over windows."""
        return self._torch("AvgPool")

    @property
    def adaptive_avg_pool(self) -> Any:
        """Mean over as many windows as asked for."""
        return self._torch("AdaptiveAvgPool")

    @property
    def adaptive_max_pool(self) -> Any:
        """Maximum over as many windows as asked for."""
        return self._torch("AdaptiveMaxPool")

    @property
    def dropout(self) -> Any:
        """Whole channels are dropped."""
        return self._torch("Dropout")

    def each(self, value: int) -> tuple[int, ...]:
        """One number for every axis."""
        return (value,) * self.dims

    def along(self, axis: int, value: int, rest: int = 1) -> tuple[int, ...]:
        """``value`` along one axis, ``rest`` along the others: kernels such as 1xk."""
        return tuple(value if a == axis else rest for a in range(self.dims))

    def _torch(self, name: str) -> Any:
        return getattr(nn, f"{name}{self.dims}d")


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation (Ioffe & Szegedy, ICML 2015) in any number of dimensions, with torch's parameter names.

    In training, one value per channel (batch 1, a map of one voxel) has no spread to divide by: it is normalised by the
    running statistics, which it leaves as they are, instead of raising.
    """

    def _check_input_dim(self, input: torch.Tensor) -> None:  # noqa: A002 (torch's name)
        """Any number of dimensions."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        if self.training and x.numel() == x.shape[1] and self.running_mean is not None:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)
        return super().forward(x)


class LayerNorm(nn.Module):
    """Layer normalisation over the channels of a map (Ba, Kiros, Hinton, arXiv 1607.06450), with torch's names."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        last = F.layer_norm(x.movedim(1, -1), self.weight.shape, self.weight, self.bias, self.eps)
        return last.movedim(-1, 1)
