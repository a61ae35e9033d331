from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry
from delineate.core.volume import Header, Volume

GRID = Geometry(shape=(2, 3, 4))


def test_voxels_must_fit_the_grid() -> None:
    with pytest.raises(GeometryError, match=r"\(1, 3, 3, 4\)"):
        Volume(np.zeros((1, 3, 3, 4)), GRID)
    with pytest.raises(GeometryError):
        Volume(np.zeros((2, 3, 4)), GRID)


def test_other_voxels_keep_grid_and_header() -> None:
    volume = Volume(np.zeros((2, 2, 3, 4)), GRID, Header())
    mask = volume.with_array(np.ones((1, 2, 3, 4), np.uint8))
    assert mask.geometry == GRID and mask.header is volume.header and mask.array_czyx.dtype == np.uint8
