"""A table of shares as a picture: one square per cell, for more rows than can be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delineate.show.figures import Picture, array_png
from delineate.show.palette import rgb

_SIDE_PX = 480
_DARK, _FULL = "#e9eef5", "#0f4c91"


def draw_grid(shares: Sequence[Sequence[float]], alt: str) -> Picture:
    """Shares ``[row][column]`` from 0 (pale) to 1 (blue), opaque on any page."""
    table = np.clip(np.asarray(shares, np.float64), 0, 1)[..., None]
    colours = np.asarray(rgb(_DARK)) * (1 - table) + np.asarray(rgb(_FULL)) * table
    cell = max(2, _SIDE_PX // max(table.shape[:2]))
    pixels = np.round(colours * 255).astype(np.uint8).repeat(cell, 0).repeat(cell, 1)
    if cell >= 5:  # a line between cells, where there is room
        pixels[::cell] = pixels[:, ::cell] = 255
    return Picture(array_png(pixels), alt)
