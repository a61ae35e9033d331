"""Where things are in a map of ids: boxes found without copying the map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[slice, slice, slice]

NOWHERE: Box = (slice(0, 0), slice(0, 0), slice(0, 0))


def foreground_box(*maps_zyx: NDArray[Any]) -> Box:
    """The smallest box that holds every voxel in which any of the maps (of one shape) is not zero."""
    shape = maps_zyx[0].shape
    along_z, over_yx = np.zeros(shape[0], bool), np.zeros(shape[1:], bool)
    for z in range(shape[0]):  # slice by slice: what is looked at stays in the processor's cache
        here = np.zeros(shape[1:], bool)
        for ids in maps_zyx:
            here |= ids[z] != 0
        along_z[z] = here.any()
        if along_z[z]:
            over_yx |= here
    return _span(along_z), _span(over_yx.any(axis=1)), _span(over_yx.any(axis=0))


def boxes_of_ids(ids_zyx: NDArray[Any], n: int) -> list[Box | None]:
    """The box of every id from 1 to ``n - 1`` (at index 0 stands None), None for an id that is nowhere."""
    from scipy import ndimage

    return [None, *ndimage.find_objects(ids_zyx, n - 1)] if n > 1 else [None]


def joined(boxes: Iterable[Box | None]) -> Box:
    """The smallest box that holds all those that are there; empty where none is."""
    there = [b for b in boxes if b is not None]
    if not there:
        return NOWHERE
    z, y, x = (slice(min(b[a].start for b in there), max(b[a].stop for b in there)) for a in range(3))
    return z, y, x


def moved(box: Box, by: Box) -> Box:
    """A box inside the box ``by``, as one of the array that ``by`` was cut from."""
    z, y, x = (slice(b.start + o.start, b.stop + o.start) for b, o in zip(box, by, strict=True))
    return z, y, x


def _span(along: Any) -> slice:
    found = np.flatnonzero(along)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0)
