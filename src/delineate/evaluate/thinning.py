"""Centrelines: a mask thinned voxel by voxel until only lines are left, its topology kept."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
Codes = NDArray[np.uint32]
Bits = NDArray[np.bool_]

_STEPS = tuple(s for s in product((-1, 0, 1), repeat=3) if any(s))
"""The 26 neighbours of a voxel; bit ``i`` of a code says that neighbour ``i`` is inside."""
_UNKNOWN, _STAYS, _GOES = 0, 1, 2


def skeleton(mask_zyx: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The centreline of a mask ``[z, y, x]``, of the same shape; in the plane where the array is one voxel thick.

    Border voxels that are simple (Malandain and Bertrand 1992: what is inside keeps its 26-connected pieces, what is
    outside its 6-connected ones) are removed, ring after ring, in eight subfields whose voxels do not touch and so may
    go at once; what is an end of a line when a ring begins stays (Nemeth, Kardos and Palagyi, ICIAR 2010). The number
    of pieces, tunnels and cavities stays: a solid blob becomes a voxel or a few, a vessel its centreline.
    """
    inside = np.pad(mask_zyx, 1).view(np.uint8)
    flat = inside.reshape(-1)
    axes = tuple(a for a, n in enumerate(mask_zyx.shape) if n > 1) or (2,)
    strides = [s // inside.itemsize for s in inside.strides]
    faces = [sign * strides[a] for a in axes for sign in (-1, 1)]
    offsets = {
        i: int(np.dot(s, strides)) for i, s in enumerate(_STEPS) if all(s[a] == 0 or a in axes for a in range(3))
    }
    border = _border(flat, faces)
    seen = np.zeros(flat.shape, bool)
    seen[border] = True
    while len(border):
        thick = border[np.bitwise_count(_codes(flat, border, offsets)) > 1]
        gone = _peel(flat, _fields(thick, inside.shape), offsets)
        if not len(gone):
            break
        border = np.concatenate([border[flat[border] == 1], *_uncovered(flat, seen, gone, faces)])
    return inside[1:-1, 1:-1, 1:-1].astype(bool)


def _border(flat: NDArray[np.uint8], faces: list[int]) -> Indices:
    """Voxels inside with a face neighbour outside."""
    found = np.flatnonzero(flat)
    enclosed = np.ones(len(found), np.uint8)
    for face in faces:
        enclosed &= flat[found + face]
    return found[enclosed == 0]


def _fields(border: Indices, shape: tuple[int, ...]) -> list[Indices]:
    """The border by subfield: voxels whose coordinates are even or odd alike never touch each other."""
    z, y, x = np.unravel_index(border, shape)
    field = (z & 1) * 4 + (y & 1) * 2 + (x & 1)
    return [border[field == f] for f in range(8)]


def _peel(flat: NDArray[np.uint8], fields: list[Indices], offsets: dict[int, int]) -> Indices:
    """Remove what may go, one subfield after the other; the places removed."""
    removed = []
    for places in fields:
        gone = places[_simple(_codes(flat, places, offsets))]
        flat[gone] = 0
        removed.append(gone)
    return np.concatenate(removed)


def _codes(flat: NDArray[np.uint8], places: Indices, offsets: dict[int, int]) -> Codes:
    """Which neighbours are inside."""
    codes = np.zeros(len(places), np.uint32)
    for bit, offset in offsets.items():
        codes |= flat[places + offset].astype(np.uint32) << np.uint32(bit)
    return codes


def _uncovered(flat: NDArray[np.uint8], seen: NDArray[np.bool_], gone: Indices, faces: list[int]) -> list[Indices]:
    """Voxels inside that came to lie at the border; each is named once."""
    found = []
    for face in faces:
        beside = gone + face
        new = beside[(flat[beside] == 1) & ~seen[beside]]
        seen[new] = True
        found.append(new)
    return found


def _simple(codes: Codes) -> NDArray[np.bool_]:
    """Whether a voxel with these neighbours may go without a change of topology; each kind is worked out once."""
    known = _known()
    answers = known[codes]
    if (answers == _UNKNOWN).any():
        new = np.unique(codes[answers == _UNKNOWN])
        inside = (new[:, None] >> np.arange(26, dtype=np.uint32) & np.uint32(1)).astype(bool)
        goes = _one_inside(inside) & _one_outside(inside)
        known[new] = np.where(goes, _GOES, _STAYS)
        answers = known[codes]
    return answers == _GOES


@cache
def _known() -> NDArray[np.uint8]:
    """One answer per neighbourhood. Of these 64 MB only the pages in use are ever given by the system."""
    return np.zeros(1 << 26, np.uint8)


def _one_inside(inside: Bits) -> NDArray[np.bool_]:
    """Whether the neighbours inside are one 26-connected piece."""
    return _one_piece(inside, inside, _touching(26))


def _one_outside(inside: Bits) -> NDArray[np.bool_]:
    """Whether those face neighbours that are outside are one piece, 6-connected within the 18 nearest."""
    return _one_piece(~inside & _within(1), ~inside & _within(2), _touching(6))


def _one_piece(wanted: Bits, allowed: Bits, touching: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether all ``wanted`` ones (at least one) can be reached from the first of them over ``allowed`` ones."""
    reached = np.zeros_like(wanted)
    reached[np.arange(len(wanted)), wanted.argmax(axis=1)] = True
    reached &= wanted
    while True:
        grown = (reached.astype(np.float32) @ touching > 0) & allowed
        if np.array_equal(grown, reached):
            missed = wanted & ~reached
            return np.logical_and(wanted.any(axis=1), ~missed.any(axis=1))
        reached = grown


@cache
def _within(most: int) -> NDArray[np.bool_]:
    """Which neighbours lie ``most`` steps along the axes away or nearer."""
    return np.array([sum(map(abs, step)) <= most for step in _STEPS])


@cache
def _touching(connectivity: int) -> NDArray[np.float32]:
    """Which neighbours touch each other, by a face (6) or at all (26); each touches itself."""
    steps = np.array(_STEPS)
    apart = np.abs(steps[:, None] - steps)
    near = apart.sum(axis=2) <= 1 if connectivity == 6 else apart.max(axis=2) <= 1
    return near.astype(np.float32)
