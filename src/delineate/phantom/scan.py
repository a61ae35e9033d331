"""`Scan`: one synthetic case; `Scene`: what it is made of; and painting the one into the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple, Triple_mm
from delineate.phantom.shapes import Canvas, Solid

_SLAB_VOXELS = 1 << 22


@dataclass(frozen=True, eq=False)
class Scan:
    """Voxels ``[channel, z, y, x]``, the exact mask ``[z, y, x]`` and the channels' names."""

    image_czyx: NDArray[Any]
    label_zyx: NDArray[np.uint8]
    spacing_mm: Triple_mm
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """Everything decided about one case before a voxel is painted: the grid, what fills it, and the solids in the
    order in which they cover one another."""

    shape: Triple
    spacing_mm: Triple_mm
    background: tuple[float, ...]
    solids: tuple[Solid, ...]


def paint(scene: Scene) -> Iterator[tuple[range, Canvas]]:
    """Paint a scene slab by slab, so that a large scan needs little memory beyond itself."""
    step = max(1, _SLAB_VOXELS // (scene.shape[1] * scene.shape[2]))
    for start in range(0, scene.shape[0], step):
        slices = range(start, min(start + step, scene.shape[0]))
        canvas = Canvas(scene.shape, scene.spacing_mm, scene.background, slices)
        for solid in scene.solids:
            canvas.paint(solid)
        yield slices, canvas
