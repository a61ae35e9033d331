"""`Volume`: voxels and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry


@dataclass(frozen=True)
class Header:
    """What a file format must remember to write a mask exactly onto the grid it read; each format has its own kind."""


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels ``[channel, z, y, x]`` (C-contiguous), their place in the world, and the header they were read with."""

    array_czyx: NDArray[Any]
    geometry: Geometry
    header: Header | None = None

    def __post_init__(self) -> None:
        if self.array_czyx.ndim != 4 or self.array_czyx.shape[1:] != self.geometry.shape:
            raise GeometryError(
                f"an array of shape {self.array_czyx.shape} for a grid of {self.geometry.shape}",
                "[channel, z, y, x] with the grid's shape",
            )

    def with_array(self, array_czyx: NDArray[Any]) -> Volume:
        """Other voxels on the same grid, with the same header."""
        return Volume(array_czyx, self.geometry, self.header)
