"""How far places of a grid are from the nearest of other places, in mm.

A distance transform visits every voxel of a box, though only a surface is asked about, and mostly finds the other
surface next to it. So first only distances along one axis are laid out, a byte per voxel, and each place asked about
looks at the lines beside its own, the nearest first, until the next line is further away than what was found. Places
that do not come to their end so are few, and looked up in a tree; where they are many they get the transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from delineate.core.threads import cpus

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_LINES = 200
"""So many lines a place looks at: those up to eight voxels away."""
_LOOKS = 2
"""The distance transform takes as long for a voxel as a place to look at five lines (measured); when the search has
cost less than half of that it ends."""
_CALL = 1000
"""To look at a line costs as much more as this many places do, however many there are (measured)."""
_TREE_QUERY, _TREE_POINT = 400, 6
"""A place far away is looked up in a tree in the time that the transform needs for 250 voxels, a place comes into the
tree in that for 5 (measured, and a margin)."""
_SET_ASIDE = 1 / 8
"""Places that came to their end are set aside as soon as they are this part of all."""
_FAR = 255


def nearest_mm(origin: Indices, target: Indices, shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> Floats:
    """From each place of ``origin`` to the nearest of ``target``, both flat indices into ``shape`` (2D or 3D)."""
    voxels, lines = int(np.prod(shape)), _Lines.near(shape, spacing_mm)
    mm2 = lines.search(origin, target, _LOOKS * voxels)
    left = np.flatnonzero(np.isinf(mm2))
    if len(left):
        by_tree = _TREE_QUERY * len(left) + _TREE_POINT * len(target) < voxels
        mm2[left] = (_tree_mm2 if by_tree else _transform_mm2)(origin[left], target, shape, spacing_mm)
    return np.sqrt(mm2)


def _tree_mm2(origin: Indices, target: Indices, shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> Floats:
    from scipy.spatial import cKDTree

    there, here = (np.stack(np.unravel_index(p, shape), axis=1) * spacing_mm for p in (target, origin))
    found, _ = cKDTree(there, balanced_tree=False, compact_nodes=False).query(here)
    return np.square(found)


def _transform_mm2(origin: Indices, target: Indices, shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> Floats:
    import edt

    free = np.ones(shape, np.uint8)
    free.reshape(-1)[target] = 0
    squared_mm2 = edt.edtsq(free, anisotropy=spacing_mm, parallel=cpus())
    return np.asarray(squared_mm2.reshape(-1)[origin], np.float64)


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines along ``axis`` of a grid, with ``margins`` of empty ones around; a place looks at those within
    ``radius_mm``."""

    shape: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    axis: int
    radius_mm: float
    margins: tuple[int, ...]

    @classmethod
    def near(cls, shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> _Lines:
        """About `_LINES` of them, along the finest axis (then few are near) but not the last, which is slow to lay."""
        axis = int(np.argmin(spacing_mm[:-1]))
        across_mm = [s for a, s in enumerate(spacing_mm) if a != axis]
        radius_mm = float(np.sqrt(_LINES / np.pi) * np.prod(across_mm) ** (1 / len(across_mm)))
        radius_mm = min(radius_mm, _FAR * spacing_mm[axis])  # farther along a line is not told from nothing there
        margins = tuple(0 if a == axis else int(radius_mm / s) for a, s in enumerate(spacing_mm))
        return cls(shape, spacing_mm, axis, radius_mm, margins)

    @property
    def padded(self) -> tuple[int, ...]:
        """The shape with its margins."""
        return tuple(n + 2 * m for n, m in zip(self.shape, self.margins, strict=True))

    def search(self, origin: Indices, target: Indices, looks: int) -> Floats:
        """The squared distance from each of ``origin`` in mm², infinite where it is more than the radius or was not
        found with so many ``looks``."""
        found = np.full(len(origin), np.inf)
        if len(origin) + _CALL > looks:
            return found
        line, places, which, best = self._laid(target), self._moved(origin), np.arange(len(origin)), found.copy()
        along_mm2 = (np.arange(_FAR + 1) * self.spacing_mm[self.axis]) ** 2
        along_mm2[_FAR] = np.inf
        steps = self._steps()
        for (offset, mm2), (_, sure_mm2) in zip(steps, [*steps[1:], (0, self.radius_mm**2)], strict=True):
            np.minimum(best, (along_mm2 + mm2).take(line.take(places + offset)), out=best)
            looks -= len(best) + _CALL
            going = best > sure_mm2  # no line to come is nearer than that
            ended = len(best) - np.count_nonzero(going)
            if ended >= _SET_ASIDE * len(best):
                found[which.compress(~going)] = best.compress(~going)
                places, which, best = (a.compress(going) for a in (places, which, best))
            if not len(best) or looks < 0:
                break
        found[which] = np.where(best <= sure_mm2, best, np.inf)
        return found

    def _steps(self) -> list[tuple[int, float]]:
        """To each line near, the nearest first: an offset of a flat index, and how far it is, squared."""
        step = np.indices([2 * m + 1 for m in self.margins]).reshape(len(self.margins), -1).T - self.margins
        strides = [int(np.prod(self.padded[a + 1 :])) for a in range(len(self.shape))]
        mm2 = ((step * self.spacing_mm) ** 2).sum(axis=1)
        near = np.argsort(mm2, kind="stable")[: np.count_nonzero(mm2 <= self.radius_mm**2)]
        return list(zip((step @ strides)[near].tolist(), mm2[near].tolist(), strict=True))

    def _moved(self, places: Indices) -> Indices:
        """Flat indices into the grid as such into the padded one."""
        found, stride = np.zeros_like(places), 1
        for n, margin in zip(self.shape[:0:-1], self.margins[:0:-1], strict=True):
            rest = places // n
            found += (places - rest * n + margin) * stride
            places, stride = rest, stride * (n + 2 * margin)
        return found + (places + self.margins[0]) * stride

    def _laid(self, target: Indices) -> NDArray[np.uint8]:
        """How many voxels each is from the nearest target on its own line; `_FAR` also where there is none."""
        found = np.full(self.padded, _FAR, np.uint8)
        found.reshape(-1)[self._moved(target)] = 0
        line = np.moveaxis(found, self.axis, 0)
        for there in (line, line[::-1]):
            for k in range(1, len(there)):
                np.minimum(there[k], np.minimum(there[k - 1], _FAR - 1) + np.uint8(1), out=there[k])
        return found.reshape(-1)
