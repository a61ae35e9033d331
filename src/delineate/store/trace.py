"""`Trace`: what was done to a volume, so that it can be undone exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry, Triple, Triple_mm
from delineate.core.record import Record

_SAME_SPACING = 0.01


class Trace(Record):
    """From the ``original`` grid to the prepared one: transpose by ``axes``, flip the marked axes, crop the box at
    ``crop_start``, resample it to ``prepared_shape`` with its outer voxel faces fixed.

    ``slicewise`` tells that axis 0 was too coarse for anything but linear interpolation.
    """

    original: Geometry
    axes: Triple
    flips: tuple[bool, bool, bool]
    crop_start: Triple
    crop_shape: Triple
    prepared_shape: Triple
    slicewise: bool = False

    @property
    def reoriented(self) -> Geometry:
        """The grid after transposing and flipping."""
        return self.original.transposed(self.axes).flipped(self.flips)

    @property
    def cropped(self) -> Geometry:
        """The grid after cropping."""
        return self.reoriented.cropped(self.crop_start, self.crop_shape)

    @property
    def prepared(self) -> Geometry:
        """The prepared grid."""
        return self.cropped.resampled(self.prepared_shape)

    @property
    def resamples(self) -> bool:
        """Whether any axis changes its number of voxels."""
        return self.crop_shape != self.prepared_shape

    def view(self, array_zyx: NDArray[Any]) -> NDArray[Any]:
        """A reoriented and cropped view ``[*crop_shape]`` of an array on the original grid; writing to it writes there.

        Raises:
            GeometryError: the array is not on the original grid.
        """
        if array_zyx.shape != self.original.shape:
            raise GeometryError(
                f"an array of shape {array_zyx.shape} for a scan of {self.original.shape}",
                "the shape of the scan that was prepared",
                "use the mask that belongs to this scan",
            )
        box = tuple(slice(s, s + n) for s, n in zip(self.crop_start, self.crop_shape, strict=True))
        return reorient(array_zyx, self.axes, self.flips)[box]


def reorient(array_zyx: NDArray[Any], axes: Triple, flips: tuple[bool, bool, bool]) -> NDArray[Any]:
    """A transposed and flipped view."""
    steps = tuple(slice(None, None, -1 if f else None) for f in flips)
    return array_zyx.transpose(axes)[steps]


def combined_axes(geometry: Geometry, plan_axes: Triple) -> tuple[Triple, tuple[bool, bool, bool]]:
    """Transposition and flips from an array as it was read to canonical axes in the plan's order."""
    axes, flips = geometry.closest_axes()
    a, b, c = plan_axes
    return (axes[a], axes[b], axes[c]), (flips[a], flips[b], flips[c])


def shape_at(shape: Triple, spacing_mm: Triple_mm, target_mm: Triple_mm) -> Triple:
    """How many voxels of ``target_mm`` cover the same extent.

    An axis of one voxel stays (a picture has no thickness), and one within 1 % of the target is left alone.
    """
    ratio = np.asarray(spacing_mm, dtype=float) / np.asarray(target_mm, dtype=float)
    keep = (np.abs(ratio - 1) < _SAME_SPACING) | (np.asarray(shape) == 1)
    a, b, c = (int(n) for n in np.where(keep, shape, np.maximum(1, np.rint(np.asarray(shape) * ratio))))
    return a, b, c
