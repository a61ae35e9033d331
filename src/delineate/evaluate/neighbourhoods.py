"""Which voxels are simple: whether one may be removed follows from its 26 neighbours alone.

What a voxel shares with the neighbours inside is a part of its own surface: a face neighbour gives a face with its
edges and corners, an edge neighbour an edge with two corners, a corner neighbour a corner. The voxel is simple where
this part and the rest of the surface are one piece each (Malandain and Bertrand 1992, said in cells). On a sphere the
two are tied: when the rest is one piece, the number of pieces of the part is its Euler number, corners - edges + faces.
So the 18 neighbours at faces and edges are looked up, and the eight at corners are counted.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Step = tuple[int, int, int]

CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
BESIDE = ((-1, 0), (0, -1), (0, 1), (1, 0))
"""The eight rows around that of a voxel as steps along z and y: those at its edges, those at its faces."""

STEPS: tuple[Step, ...] = (
    *((z, y, x) for rows in (CORNERS, BESIDE) for x in (0, -1, 1) for z, y in rows),
    (0, 0, -1),
    (0, 0, 1),
)
"""The 26 neighbours of a voxel; bit ``i`` of a code says that neighbour ``i`` is inside. 4 to 11 are the corners."""

_NEVER = 255


def simple(codes: Codes) -> NDArray[np.bool_]:
    """Whether voxels with these neighbours may go without a change of topology."""
    entry = _table().take(codes & np.uint32(15) | codes >> np.uint32(12) << np.uint32(4))
    reached = np.bitwise_count((entry | codes >> np.uint32(4)) & np.uint32(255))
    return reached == entry >> np.uint16(8)


@cache
def _table() -> NDArray[np.uint16]:
    """For every set of face and edge neighbours inside, ``[2**18]``: the corners of the voxel's surface that they
    reach (lower eight bits), and how many are to be reached in all for the voxel to be simple (upper eight)."""
    steps = STEPS[:4] + STEPS[12:]
    corners = STEPS[4:12]
    edges, faces = ([s for s in steps if np.abs(s).sum() == n] for n in (2, 1))
    codes = np.arange(1 << len(steps), dtype=np.uint32)

    def meets(cell: Step) -> NDArray[np.bool_]:
        """Whether a neighbour inside shares this corner or edge of the surface."""
        holds = [all(b in (0, a) for a, b in zip(cell, s, strict=True)) for s in steps]
        return codes & np.uint32(sum(1 << i for i, h in enumerate(holds) if h)) != 0

    reached = np.zeros(len(codes), np.uint16)
    for bit, corner in enumerate(corners):
        reached |= meets(corner) * np.uint16(1 << bit)
    inside = {s: (codes >> np.uint32(i) & np.uint32(1)).astype(bool) for i, s in enumerate(steps)}
    shared = np.sum([meets(e) for e in edges], axis=0, dtype=np.uint8)
    euler = 1 + shared - np.sum([inside[f] for f in faces], axis=0, dtype=np.uint8)
    wanted = np.where(_rest_is_one(inside, edges, faces), euler, _NEVER)
    return reached | wanted.astype(np.uint16) << np.uint16(8)


def _rest_is_one(inside: dict[Step, NDArray[np.bool_]], edges: list[Step], faces: list[Step]) -> NDArray[np.bool_]:
    """Whether the face neighbours outside (at least one) are one piece, linked by edge neighbours outside."""
    outside = np.sum([~inside[f] * np.uint8(1 << i) for i, f in enumerate(faces)], axis=0, dtype=np.uint8)
    reached = outside & (~outside + np.uint8(1))  # the lowest bit
    while True:
        before = reached.copy()
        for edge in edges:
            ends = np.uint8(sum(1 << i for i, f in enumerate(faces) if np.dot(edge, f) > 0))
            linked = (reached & ends != 0) & ~inside[edge]
            reached |= linked * (ends & outside)
        if np.array_equal(before, reached):
            return (reached == outside) & (outside != 0)
