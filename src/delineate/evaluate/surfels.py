"""How much surface lies between eight neighbouring voxels: the patch that marching cubes puts there.

Every 2 x 2 x 2 block of voxel centres (2 x 2 in the plane) has a code of one bit per centre, the first centre being
the highest bit. Its surface goes through the middles of the block's edges whose ends differ. On a face with two
opposite corners inside, the corners of the minority (of the inside, when four are) are cut off one by one; a polygon
that is not flat is cut into the fan of largest area on the unit cube, the one with the fewest folds. With these two
choices the areas are those of Lorensen and Cline's cubes (SIGGRAPH 1987) as surface-distance counts them (Nikolov et
al., Clinically Applicable Segmentation of Head and Neck Anatomy, JMIR 2021), for any spacing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise, product
from math import hypot

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]

_MOST_TRIANGLES = 4
_NEIGHBOURS = slice(1, None), slice(None, -1)


def surface_codes(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The code of every block that has a voxel of ``mask`` (2D or 3D) or could: one more along each axis, as outside
    the array nothing is inside. Codes with all bits equal have no surface."""
    codes = np.pad(mask, 1).view(np.uint8)
    for power, axis in enumerate(reversed(range(mask.ndim))):
        ahead, behind = (tuple(cut if a == axis else slice(None) for a in range(mask.ndim)) for cut in _NEIGHBOURS)
        codes = np.left_shift(codes[behind], np.uint8(1 << power)) | codes[ahead]
    return codes


def surface_areas_mm(spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    """The area in mm² of the surface of every code, ``[256]``; for two spacings the length in mm, ``[16]``."""
    if len(spacing_mm) == 2:
        return np.asarray([_length_mm(code, spacing_mm) for code in range(16)])
    across_mm2 = np.prod(spacing_mm) / np.asarray(spacing_mm)  # what a unit area facing along each axis becomes
    return np.asarray(np.linalg.norm(_unit_normals() * across_mm2, axis=-1).sum(axis=-1))


def _length_mm(code: int, spacing_mm: Sequence[float]) -> float:
    a, b, c, d = (bool(code >> bit & 1) for bit in (3, 2, 1, 0))  # a b above c d
    inside = a + b + c + d
    y_mm, x_mm = spacing_mm
    diagonal_mm = float(np.hypot(y_mm, x_mm)) / 2
    if inside == 2 and a != d:  # two neighbours: a straight line
        return float(x_mm if a == b else y_mm)
    return {0: 0.0, 1: diagonal_mm, 2: 2 * diagonal_mm, 3: diagonal_mm, 4: 0.0}[inside]


@cache
def _unit_normals() -> NDArray[np.float64]:
    """For every code its triangles on the unit cube, ``[256, 4, 3]``: normals as long as the triangle is large."""
    normals = np.zeros((256, _MOST_TRIANGLES, 3))
    for code in range(1, 255):
        if code.bit_count() > 4:  # the same surface, seen from its other side
            continue
        triangles = [n for polygon in _polygons(code) for n in _flattest_fan(polygon)]
        normals[code, : len(triangles)] = triangles
        if code.bit_count() < 4:
            normals[255 - code] = normals[code]
    return normals


def _flattest_fan(polygon: list[Point]) -> list[Point]:
    fans = []
    for start in range(len(polygon)):
        points = [_less(p, polygon[start]) for p in polygon[start + 1 :] + polygon[:start]]
        fans.append([_half_cross(a, b) for a, b in pairwise(points)])
    return max(fans, key=lambda fan: round(sum(hypot(*normal) for normal in fan), 9))


def _less(a: Point, b: Point) -> Point:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _half_cross(a: Point, b: Point) -> Point:
    return (a[1] * b[2] - a[2] * b[1]) / 2, (a[2] * b[0] - a[0] * b[2]) / 2, (a[0] * b[1] - a[1] * b[0]) / 2


def _polygons(code: int) -> list[list[Point]]:
    """The closed lines along which the surface meets the faces of the cube."""
    ends: dict[Point, list[Point]] = {}
    for face in _faces():
        for a, b in _segments([bool(code >> (7 - i) & 1) for i in face], face):
            ends.setdefault(a, []).append(b)
            ends.setdefault(b, []).append(a)
    found = []
    while ends:
        polygon = [next(iter(ends))]
        while ahead := [p for p in ends.pop(polygon[-1]) if p in ends]:
            polygon.append(ahead[0])
        found.append(polygon)
    return found


def _segments(inside: list[bool], face: Sequence[int]) -> list[tuple[Point, Point]]:
    """The lines on one face, from the middle of an edge to that of another."""
    middles = [_middle(face[k], face[(k + 1) % 4]) for k in range(4)]
    crossed = [k for k in range(4) if inside[k] != inside[(k + 1) % 4]]
    if len(crossed) == 4:  # opposite corners: cut off each that is inside
        return [(middles[k - 1], middles[k]) for k in range(4) if inside[k]]
    return [(middles[crossed[0]], middles[crossed[1]])] if crossed else []


@cache
def _faces() -> list[list[int]]:
    """The six faces of a cube as rings of four corners."""
    faces = []
    for axis, side in product(range(3), (0, 1)):
        ring = [list(corner) for corner in ((0, 0), (0, 1), (1, 1), (1, 0))]
        for corner in ring:
            corner.insert(axis, side)
        faces.append([4 * z + 2 * y + x for z, y, x in ring])
    return faces


def _middle(a: int, b: int) -> Point:
    z, y, x = ((((a >> bit) & 1) + ((b >> bit) & 1)) / 2 for bit in (2, 1, 0))
    return z, y, x
