"""`SurfaceDistances`: how far each patch of one surface lies from the other, in mm, and how large it is.

The definitions are those of DeepMind's surface-distance (Nikolov et al., JMIR 2021): a patch of surface stands between
eight neighbouring voxel centres (`surfels`), its place is the middle of the block, and its distance is that to the
nearest patch of the other surface. An image of one slice has contours of a length in place of surfaces of an area.
Outside the image and where nobody labelled, nothing is inside, so a mask that touches the border has a surface there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from delineate.evaluate.nearest import nearest_mm
from delineate.evaluate.surfels import surface_areas_mm, surface_codes

Floats = NDArray[np.float64]

_ROUNDING = 1e-6
"""Some distances are squared in single precision; one that equals a tolerance must not exceed it for that."""


@dataclass(frozen=True, eq=False)
class Side:
    """One surface: the distance of each patch to the other surface in mm, ascending, and its area in mm² (in the
    plane its length in mm)."""

    mm: Floats
    area: Floats

    @property
    def total(self) -> float:
        """The whole area."""
        return float(self.area.sum())

    @property
    def mean_mm(self) -> float:
        """The mean distance over the area."""
        return float(self.mm @ self.area) / self.total

    def within(self, tolerance_mm: float) -> float:
        """The area that is no further than ``tolerance_mm`` from the other surface."""
        return float(self.area[self.mm <= tolerance_mm * (1 + _ROUNDING)].sum())

    def quantile_mm(self, share: float) -> float:
        """The distance that ``share`` (0 to 1) of the area does not exceed."""
        reached = np.cumsum(self.area) / self.total
        return float(self.mm[min(int(np.searchsorted(reached, share)), len(self.mm) - 1)])


@dataclass(frozen=True, eq=False)
class SurfaceDistances:
    """From the truth to the prediction and back."""

    truth: Side
    prediction: Side

    @classmethod
    def between(
        cls, prediction: NDArray[np.bool_], truth: NDArray[np.bool_], spacing_mm: tuple[float, ...]
    ) -> SurfaceDistances:
        """Measure two masks (2D or 3D), neither of them empty, cut to any box that holds both."""
        areas = surface_areas_mm(spacing_mm)
        predicted, true = (_patches(mask, areas) for mask in (prediction, truth))
        return cls(truth=_side(true, predicted, spacing_mm), prediction=_side(predicted, true, spacing_mm))


@dataclass(frozen=True, eq=False)
class _Patches:
    shape: tuple[int, ...]
    places: NDArray[np.intp]
    area: Floats


def _patches(mask: NDArray[np.bool_], areas: Floats) -> _Patches:
    codes = surface_codes(mask)
    inside = np.uint8(len(areas) - 1)
    places = np.flatnonzero((codes + np.uint8(1) & inside) > 1)  # neither none inside nor all
    return _Patches(codes.shape, places, areas[codes.reshape(-1)[places]])


def _side(own: _Patches, other: _Patches, spacing_mm: tuple[float, ...]) -> Side:
    mm = nearest_mm(own.places, other.places, own.shape, spacing_mm)
    order = np.argsort(mm, kind="stable")  # so that no sum depends on the processor
    return Side(mm[order], own.area[order])
