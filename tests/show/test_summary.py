"""The pictures that a run keeps for its report come back, and damage is told."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import RunError
from delineate.show.facts import CasePicture, Mosaic
from delineate.show.summary import load_pictures, save_pictures


def test_pictures_come_back(tmp_path):
    rng = np.random.default_rng(0)
    image, truth, found = (rng.integers(0, 3, (2, 5, 4)).astype(np.uint8) for _ in range(3))
    case = CasePicture("c1", "worst", image, truth, found, (3.0, 1.0, 0.5), "a note")
    mosaic = Mosaic(rng.normal(size=(2, 4, 4)).astype(np.float32), rng.integers(0, 2, (2, 4, 4)).astype(np.uint8))
    save_pictures(tmp_path / "pictures.npz", [case], mosaic)
    ((kept,), varied) = load_pictures(tmp_path / "pictures.npz")
    assert (kept.case, kept.title, kept.spacing_mm, kept.note) == ("c1", "worst", (3.0, 1.0, 0.5), "a note")
    assert (kept.truth_zyx == truth).all() and (kept.prediction_zyx == found).all()
    assert varied is not None and np.allclose(varied.images, mosaic.images, atol=1e-2)
    assert load_pictures(tmp_path / "none.npz") == ((), None)


@pytest.mark.parametrize("left", [0, 10, 300])
def test_a_damaged_file_is_told(tmp_path, left):
    path = tmp_path / "pictures.npz"
    ones = np.ones((2, 5, 4), np.uint8)
    save_pictures(path, [CasePicture("c1", "worst", ones, ones, ones, (1.0, 1.0, 1.0), "")], None)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(RunError, match=r"pictures\.npz cannot be read"):
        load_pictures(path)
