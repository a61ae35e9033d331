from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from delineate.show.figures import Picture, array_png, figure_png, new_figure


def test_array_survives_the_png_and_the_page(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    picture = Picture(array_png(pixels), "noise")
    assert picture.size == (7, 5)
    head, _, body = picture.uri.partition(",")
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(body)))), pixels)
    np.testing.assert_array_equal(np.asarray(Image.open(picture.save(tmp_path / "a.png"))), pixels)


def test_figures_are_transparent() -> None:
    png = figure_png(new_figure(1, 0.5))
    assert Picture(png, "").size == (160, 80)
    assert np.asarray(Image.open(io.BytesIO(png)))[..., 3].max() == 0
