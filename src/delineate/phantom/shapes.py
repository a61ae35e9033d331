"""Solids and the canvas they are painted on: soft edges for the scan, exact voxels for the mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple, Triple_mm

Field = NDArray[np.float32]


@dataclass(frozen=True)
class Solid:
    """A (super)ellipsoid with a bumpy surface, as plain numbers.

    ``centre_mm`` and ``radii_mm`` are (z, y, x) about the middle of the canvas; ``turn`` rotates it in the slice
    (radians); ``power`` 2 is an ellipsoid, 4 nearly a box. ``bumps_mm`` is the height of the bumps and ``waves``
    their phases and wave lengths. ``values`` is one intensity per channel. ``label`` None leaves the mask alone;
    ``only_on`` paints only where the mask already holds that label.
    """

    centre_mm: Triple_mm
    radii_mm: Triple_mm
    values: tuple[float, ...]
    label: int | None = None
    turn: float = 0.0
    power: float = 2.0
    bumps_mm: float = 0.0
    waves: tuple[tuple[float, float, float, float], ...] = ()
    only_on: int | None = None


def waves(rng: np.random.Generator, length_mm: float, number: int = 3) -> tuple[tuple[float, float, float, float], ...]:
    """Plane waves of about ``length_mm`` in random directions: ``(kz, ky, kx, phase)`` each."""
    found = []
    for _ in range(number):
        way = rng.normal(size=3)
        way *= 2 * np.pi / (length_mm * rng.uniform(0.7, 1.4) * np.linalg.norm(way))
        found.append((float(way[0]), float(way[1]), float(way[2]), float(rng.uniform(0, 2 * np.pi))))
    return tuple(found)


def bumps(solid: Solid, zyx: tuple[Field, Field, Field]) -> Field | float:
    """Height of the surface above the smooth solid, in millimetres."""
    total: Any = 0.0
    for kz, ky, kx, phase in solid.waves:
        total = total + np.sin(kz * zyx[0] + ky * zyx[1] + kx * zyx[2] + phase)
    return solid.bumps_mm * total / max(len(solid.waves), 1) ** 0.5


def distance_mm(solid: Solid, zyx: tuple[Field, Field, Field]) -> Field:
    """About how far points lie outside (positive) or inside (negative) a solid's surface, in millimetres: exact for
    a sphere, else to first order, the implicit function over its slope (Taubin, IEEE TPAMI 1991)."""
    z, y, x = (axis - np.float32(c) for axis, c in zip(zyx, solid.centre_mm, strict=True))
    if solid.turn:
        cos, sin = np.float32(np.cos(solid.turn)), np.float32(np.sin(solid.turn))
        y, x = cos * y - sin * x, sin * y + cos * x
    power = np.float32(solid.power)
    parts = [(np.abs(a) / np.float32(r), np.float32(r)) for a, r in zip((z, y, x), solid.radii_mm, strict=True)]
    total = sum(a**power for a, _ in parts)
    reach = np.maximum(total, np.float32(1e-9)) ** (1 / power)
    steep = sum((a ** (power - 1) / r) ** 2 for a, r in parts) ** np.float32(0.5) * reach ** (1 - power)
    return (reach - 1) / np.maximum(steep, np.float32(1 / max(solid.radii_mm))) - bumps(solid, zyx)


class Canvas:
    """A part of a scan, ``[channel, z, y, x]`` float32, and of its mask ``[z, y, x]``, with coordinates in
    millimetres about the middle of the whole scan. ``start_z`` is the first slice of the part."""

    def __init__(self, shape: Triple, spacing_mm: Triple_mm, values: tuple[float, ...], slices: range) -> None:
        self.spacing_mm = spacing_mm
        middle = [(n - 1) / 2 for n in shape]
        numbers = (np.arange(slices.start, slices.stop), np.arange(shape[1]), np.arange(shape[2]))
        self.axes_mm = tuple(
            ((n - m) * s).astype(np.float32) for n, m, s in zip(numbers, middle, spacing_mm, strict=True)
        )
        part = (len(slices), *shape[1:])
        self.image_czyx = np.empty((len(values), *part), np.float32)
        self.image_czyx[:] = np.asarray(values, np.float32)[:, None, None, None]
        self.label_zyx = np.zeros(part, np.uint8)

    def paint(self, solid: Solid) -> None:
        """Paint one solid over what is there: edges mix as partial volume does, the mask flips at one half."""
        box = self._box(solid)
        if any(b.start >= b.stop for b in box):
            return
        zyx = self.coordinates(box)
        share = np.clip(0.5 - distance_mm(solid, zyx) / np.float32(max(self.spacing_mm[1:])), 0, 1)
        mask = self.label_zyx[box]
        if solid.only_on is not None:
            share *= mask == solid.only_on
        for channel, value in zip(self.image_czyx, solid.values, strict=True):
            part = channel[box]
            part += share * (np.float32(value) - part)
        if solid.label is not None:
            mask[share > 0.5] = solid.label

    def coordinates(self, box: tuple[slice, ...] = (slice(None),) * 3) -> tuple[Field, Field, Field]:
        """Millimetres along z, y and x of a box, shaped to broadcast."""
        z, y, x = (axis[b] for axis, b in zip(self.axes_mm, box, strict=True))
        return z[:, None, None], y[None, :, None], x[None, None, :]

    def _box(self, solid: Solid) -> tuple[slice, ...]:
        z, y, x = solid.radii_mm
        wide = max(y, x) if solid.turn else None
        reach = (z, wide or y, wide or x)
        bump = solid.bumps_mm * len(solid.waves) ** 0.5
        box = []
        for axis, centre, radius, spacing in zip(self.axes_mm, solid.centre_mm, reach, self.spacing_mm, strict=True):
            far = 1.1 * radius + bump + max(spacing, *self.spacing_mm[1:])
            box.append(slice(*(int(i) for i in np.searchsorted(axis, (centre - far, centre + far)))))
        return tuple(box)


def smooth_field(rng: np.random.Generator, knots: Triple = (4, 5, 5)) -> NDArray[np.float64]:
    """Random knots of a slowly varying field; read it with `field_on`."""
    return rng.normal(size=knots)


def field_on(knots: NDArray[np.float64], shape: Triple, slices: range) -> Field:
    """A field of knots spread over ``shape``, smoothly interpolated at some slices: ``[len(slices), y, x]``."""
    field = knots
    positions = (np.arange(slices.start, slices.stop), np.arange(shape[1]), np.arange(shape[2]))
    for axis, (where, n) in enumerate(zip(positions, shape, strict=True)):
        at = where / max(n - 1, 1) * (knots.shape[axis] - 1)
        low = np.clip(np.floor(at).astype(int), 0, knots.shape[axis] - 2)
        step = at - low
        step = (step * step * (3 - 2 * step)).reshape([-1 if a == axis else 1 for a in range(3)])
        field = field.take(low, axis) * (1 - step) + field.take(low + 1, axis) * step
    return field.astype(np.float32)


def grain(rng: np.random.Generator, shape: tuple[int, ...], sigma: float, blur_voxels: float = 0.6) -> Field:
    """Noise of standard deviation ``sigma`` that is correlated within the slice, as a scanner's is."""
    from scipy.ndimage import gaussian_filter1d

    noise = rng.standard_normal(shape, dtype=np.float32)
    for axis in (-1, -2):
        noise = gaussian_filter1d(noise, blur_voxels, axis=axis, mode="wrap", truncate=3.0)
    return noise * np.float32(sigma / max(float(noise.std()), 1e-6))
