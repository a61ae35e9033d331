"""`Layers`: torch's layers for a number of spatial dimensions, so that one definition serves pictures and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

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
