"""`Geometry`: where a voxel grid lies in the world (LPS millimetres), in array order z, y, x."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from delineate.core.errors import GeometryError
from delineate.core.record import Record

Triple = tuple[int, int, int]
Triple_mm = tuple[float, float, float]
Matrix = tuple[Triple_mm, Triple_mm, Triple_mm]

Wanted_mm = Annotated[float, Field(ge=1e-6, le=1e6)]
"""A spacing that a person or a plan may ask for."""
Edge = Annotated[int, Field(ge=1)]
"""Voxels along an axis of a patch."""

IDENTITY: Matrix = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
"""The direction of an array whose x runs to the left, y to the back and z upward (LPS)."""


class Geometry(Record):
    """A voxel grid. ``shape`` and ``spacing_mm`` are in array order (z, y, x); the world is LPS, ITK's and DICOM's.

    ``origin_mm`` is the world position (x, y, z) of voxel (0, 0, 0); column ``a`` of ``direction`` is the world
    direction of array axis ``a``. Plain pictures are grids of one slice with 1 mm spacing.
    """

    shape: Triple
    spacing_mm: Triple_mm = (1.0, 1.0, 1.0)
    origin_mm: Triple_mm = (0.0, 0.0, 0.0)
    direction: Matrix = IDENTITY

    @classmethod
    def from_affine(cls, shape: tuple[int, ...], affine: ArrayLike) -> Self:
        """From a 4x4 matrix that maps an index (z, y, x) to LPS world.

        Raises:
            GeometryError: the matrix is singular, not finite or sheared (axes over 0.06 degrees off a right angle).
        """
        matrix = np.asarray(affine, dtype=np.float64)
        columns = matrix[:3, :3]
        spacing = np.linalg.norm(columns, axis=0)
        if not np.isfinite(matrix).all() or (spacing < 1e-6).any():
            raise GeometryError(
                "the affine is singular or not finite", "three finite, non-zero axes", "repair the header"
            )
        direction = columns / spacing
        skew = np.abs(direction.T @ direction - np.eye(3)).max()
        if skew > 1e-3:
            raise GeometryError(
                f"the affine is sheared: its axes are {np.degrees(np.arcsin(min(skew, 1))):.2f} degrees off 90",
                "axes at right angles (gantry tilt corrected)",
                "resample the scan to a straight grid first, for example with `SimpleITK.Resample` or dcm2niix",
            )
        return cls(
            shape=_ints(shape),
            spacing_mm=_floats(spacing),
            origin_mm=_floats(matrix[:3, 3]),
            direction=_rows(direction),
        )

    @property
    def affine(self) -> NDArray[np.float64]:
        """The 4x4 matrix from index (z, y, x) to LPS world millimetres."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.asarray(self.direction) * np.asarray(self.spacing_mm)
        matrix[:3, 3] = self.origin_mm
        return matrix

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel in millilitres."""
        return float(np.prod(self.spacing_mm)) / 1000.0

    def to_world(self, index_zyx: ArrayLike) -> NDArray[np.float64]:
        """World millimetres (x, y, z) of indices ``[..., 3]``."""
        return np.asarray(index_zyx, dtype=np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def to_index(self, world_mm: ArrayLike) -> NDArray[np.float64]:
        """Indices (z, y, x) of world positions ``[..., 3]``."""
        return (np.asarray(world_mm, dtype=np.float64) - self.affine[:3, 3]) @ np.linalg.inv(self.affine[:3, :3]).T

    def corners(self) -> NDArray[np.float64]:
        """World positions ``[8, 3]`` of the corner voxels."""
        return self.to_world(
            [[e * (n - 1) for e, n in zip(end, self.shape, strict=True)] for end in product((0, 1), repeat=3)]
        )

    def closest_axes(self) -> tuple[Triple, tuple[bool, bool, bool]]:
        """Which array axis runs closest along world S, P and L, and whether it runs the other way.

        Transposing an array by the first and flipping the named axes afterwards gives an array in z up, y back, x left.
        """
        direction = np.asarray(self.direction)
        best = max(_PERMUTATIONS, key=lambda axes: sum(abs(direction[2 - k, a]) for k, a in enumerate(axes)))
        flips = tuple(bool(direction[2 - k, a] < 0) for k, a in enumerate(best))
        return best, flips  # type: ignore[return-value]

    def transposed(self, axes: Triple) -> Geometry:
        """The grid of ``array.transpose(axes)``."""
        direction = np.asarray(self.direction)[:, list(axes)]
        return Geometry(
            shape=_ints([self.shape[a] for a in axes]),
            spacing_mm=_floats([self.spacing_mm[a] for a in axes]),
            origin_mm=self.origin_mm,
            direction=_rows(direction),
        )

    def flipped(self, flips: tuple[bool, bool, bool]) -> Geometry:
        """The grid of ``np.flip`` over the axes marked in ``flips``."""
        ends = [n - 1 if f else 0 for f, n in zip(flips, self.shape, strict=True)]
        sign = np.where(flips, -1.0, 1.0)
        return self.model_copy(
            update={
                "origin_mm": _floats(self.to_world(ends)),
                "direction": _rows(np.asarray(self.direction) * sign),
            }
        )

    def cropped(self, start: Triple, shape: Triple) -> Geometry:
        """The grid of ``array[start : start + shape]``."""
        return self.model_copy(update={"shape": _ints(shape), "origin_mm": _floats(self.to_world(start))})

    def resampled(self, shape: Triple) -> Geometry:
        """The grid of ``shape`` voxels over the same extent (the outer faces of the voxels stay where they are)."""
        ratio = np.asarray(self.shape, dtype=float) / np.asarray(shape, dtype=float)
        origin = self.to_world((ratio - 1) / 2)
        return Geometry(
            shape=_ints(shape),
            spacing_mm=_floats(np.asarray(self.spacing_mm) * ratio),
            origin_mm=_floats(origin),
            direction=self.direction,
        )


def corner_distance_mm(a: Geometry, b: Geometry) -> float:
    """The largest distance between corresponding corners, matched in array order, in millimetres."""
    return float(np.linalg.norm(a.corners() - b.corners(), axis=1).max())


def same_place(a: Geometry, b: Geometry, tolerance_voxels: float = 0.5) -> bool:
    """Whether two grids have one shape and no corner of one lies further than ``tolerance_voxels`` of the finest
    spacing from the other's."""
    return a.shape == b.shape and corner_distance_mm(a, b) <= tolerance_voxels * min(a.spacing_mm)


_PERMUTATIONS: tuple[Triple, ...] = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


def _ints(values: ArrayLike) -> Triple:
    a, b, c = (int(v) for v in np.asarray(values))
    return a, b, c


def _floats(values: ArrayLike) -> Triple_mm:
    a, b, c = (float(v) for v in np.asarray(values, dtype=np.float64))
    return a, b, c


def _rows(matrix: ArrayLike) -> Matrix:
    a, b, c = (_floats(row) for row in np.asarray(matrix, dtype=np.float64))
    return a, b, c
