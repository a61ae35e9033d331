"""A mosaic of augmented patches: what the network was really shown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.show.facts import Mosaic
from delineate.show.figures import Picture, array_png
from delineate.show.palette import class_colours, rgb

_WIDTH = 1100
_GAP = 4


def draw_mosaic(mosaic: Mosaic, labels: Labels) -> Picture:
    """The patches side by side, each stretched between its own darkest and brightest percent, classes tinted."""
    tiles = [_tile(i, ids, labels) for i, ids in zip(mosaic.images, mosaic.labels, strict=True)]
    height, width = tiles[0].shape[:2]
    columns = mosaic_columns(len(tiles), height, width)
    zoom = max(1, min(4, _WIDTH // (columns * (width + _GAP))))
    tiles = [t.repeat(zoom, 0).repeat(zoom, 1) for t in tiles]
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    canvas = np.zeros((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 4), np.uint8)
    for n, tile in enumerate(tiles):
        top, left = n // columns * (height + _GAP), n % columns * (width + _GAP)
        canvas[top : top + height, left : left + width, :3] = tile
        canvas[top : top + height, left : left + width, 3] = 255
    return Picture(array_png(canvas), f"{len(tiles)} augmented training patches with their labels")


def mosaic_columns(count: int, height: int, width: int) -> int:
    """How many tiles stand in a row so that the whole is about twice as wide as high."""
    return max(1, min(count, round(math.sqrt(2 * count * height / width))))


def _tile(image: NDArray[Any], ids: NDArray[Any], labels: Labels) -> NDArray[np.uint8]:
    image = np.nan_to_num(np.asarray(image, np.float32))
    low, high = np.percentile(image, (1, 99))
    grey = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    colour = np.repeat(grey[..., None], 3, axis=-1)
    for tint, mask in zip(class_colours(len(labels.classes)), labels.masks(ids), strict=True):
        colour[mask] = colour[mask] * 0.6 + np.asarray(rgb(tint), np.float32) * 0.4
    return np.asarray(np.round(colour * 255), np.uint8)
