from __future__ import annotations

import io

import numpy as np
from PIL import Image

from delineate.show.grid import draw_grid


def test_full_cells_are_darker_and_in_their_place() -> None:
    picture = draw_grid([[1, 0], [0.5, 1]], "two")
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"), float)
    half = len(pixels) // 4
    a, b, c = pixels[half, half], pixels[half, 3 * half], pixels[3 * half, half]
    assert a < c < b and picture.alt == "two"


def test_hundreds_of_classes_stay_a_picture_of_bounded_size() -> None:
    assert max(draw_grid(np.eye(300).tolist(), "many").size) <= 600
