from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from delineate.core.labels import Labels
from delineate.show.facts import Mosaic
from delineate.show.mosaic import draw_mosaic, mosaic_columns


def test_every_patch_stands_in_the_grid_and_classes_are_tinted(labels: Labels) -> None:
    images = np.tile(np.linspace(0, 1, 30), (7, 20, 1))
    ids = np.zeros((7, 20, 30), np.uint8)
    ids[3, 5:9, 5:9] = 1
    drawn = np.asarray(Image.open(io.BytesIO(draw_mosaic(Mosaic(images, ids), labels).png)), np.int16)
    columns = mosaic_columns(7, 20, 30)
    rows = -(-7 // columns)
    zoom = (drawn.shape[0] + 4) // rows // 20
    assert drawn.shape == (rows * (20 * zoom + 4) - 4, columns * (30 * zoom + 4) - 4, 4)
    assert (drawn[..., 3] > 0).sum() == 7 * 20 * 30 * zoom**2
    assert (np.ptp(drawn[..., :3], axis=-1) > 20).sum() == 16 * zoom**2


@pytest.mark.parametrize(("count", "height", "width", "columns"), [(1, 40, 40, 1), (8, 40, 40, 4), (8, 40, 80, 3)])
def test_columns_make_it_twice_as_wide_as_high(count: int, height: int, width: int, columns: int) -> None:
    assert mosaic_columns(count, height, width) == columns


def test_a_constant_patch_is_drawn(labels: Labels) -> None:
    assert draw_mosaic(Mosaic(np.ones((1, 8, 8)), np.zeros((1, 8, 8), int)), labels).png[:4] == b"\x89PNG"
