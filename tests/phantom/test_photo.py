"""The picture of leaves."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.phantom.photo import draw_photo


@pytest.mark.parametrize("shape", [(1, 64, 64), (1, 48, 120)])
def test_leaves_are_green_and_marked(shape: tuple[int, int, int]) -> None:
    for seed in range(4):
        scan = draw_photo(shape, np.random.default_rng(seed), 1)
        assert scan.image_czyx.shape == (3, *shape)
        assert scan.image_czyx.dtype == np.uint8
        assert set(np.unique(scan.label_zyx)) == {0, 255}
        leaf = scan.label_zyx == 255
        red, green, _ = scan.image_czyx.astype(float)
        assert 0.05 < leaf.mean() < 0.6
        assert (green - red)[leaf].mean() > 10 > (green - red)[~leaf].mean()
