"""`Presence`: which cases hold which class, and where; `Background`: where no class is."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, Kind, PatchSource, draw_anywhere, start_around
from delineate.store.foreground import LIMIT
from delineate.store.recent import Recent

_KEPT_BYTES = 16 * 1024**2
_EDGE = 4
_TRIES = 32


class Presence:
    """The cases ``names`` of ``source`` that hold each id; background is no class.

    Places come from the sampled coordinates of `PatchSource.foreground`, so nothing is read from the volumes.
    """

    def __init__(self, source: PatchSource, names: tuple[str, ...]) -> None:
        self._source = source
        self._names = names
        found: dict[int, list[str]] = {}
        for name in names:
            for class_id, voxels in source.foreground(name).items():
                if class_id > 0 and len(voxels):
                    found.setdefault(int(class_id), []).append(name)
        self._cases = {class_id: tuple(found[class_id]) for class_id in sorted(found)}

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """The ids that some case holds, ascending."""
        return tuple(self._cases)

    def draw(self, class_id: int, box: Triple, rng: np.random.Generator, kind: Kind = "foreground") -> Draw:
        """A box around a voxel of the class: a case that holds it, then a voxel; anywhere if no case does."""
        cases = self._cases.get(class_id, ())
        if not cases:
            return draw_anywhere(self._source, self._names, box, rng, class_id)
        name = cases[rng.integers(len(cases))]
        voxels = self._source.foreground(name)[class_id]
        voxel = voxels[rng.integers(len(voxels))].tolist()
        return Draw(name, start_around(voxel, self._source.shape(name), box, rng), kind, class_id)


class Background:
    """Voxels without a label: exactly, where a case's coordinates are complete; else out of blocks of 4 voxels
    without any known labelled voxel, since only a sample of a large organ's coordinates is kept."""

    def __init__(self, source: PatchSource, names: tuple[str, ...]) -> None:
        self._source = source
        self._names = names
        self._taken: Recent[tuple[int, NDArray[np.int64]]] = Recent(_KEPT_BYTES)

    def draw(self, box: Triple, rng: np.random.Generator) -> Draw:
        """A box around a background voxel of a case; anywhere if the case seems to be labelled all over."""
        name = self._names[rng.integers(len(self._names))]
        shape = self._source.shape(name)
        tried = rng.integers(0, shape, size=(_TRIES, 3))
        edge, taken = self._of(name, shape)
        free = tried[~_among(_flat(tried, shape, edge), taken)]
        if not len(free):
            return draw_anywhere(self._source, (name,), box, rng, 0)
        return Draw(name, start_around(free[0].tolist(), shape, box, rng), "background", 0)

    def _of(self, name: str, shape: Triple) -> tuple[int, NDArray[np.int64]]:
        """The block edge and the sorted numbers of blocks that hold a label."""
        kept = self._taken.get(name)
        if kept is None:
            parts = [v for i, v in self._source.foreground(name).items() if i > 0 and len(v)]
            edge = 1 if all(len(v) < LIMIT for v in parts) else _EDGE
            flat = [_flat(v, shape, edge) for v in parts]
            kept = edge, np.unique(np.concatenate(flat)) if flat else np.zeros(0, np.int64)
            self._taken.put(name, kept, kept[1].nbytes + 64)
        return kept


def _flat(voxels: NDArray[Any], shape: Triple, edge: int) -> NDArray[np.int64]:
    blocks = [-(-n // edge) for n in shape]
    z, y, x = (voxels // edge).astype(np.int64).T
    numbers: NDArray[np.int64] = (z * blocks[1] + y) * blocks[2] + x
    return numbers


def _among(numbers: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(numbers), bool)
    places = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    found: NDArray[np.bool_] = known[places] == numbers
    return found
