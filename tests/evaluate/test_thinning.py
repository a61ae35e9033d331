"""What thinning keeps, and centrelines known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from delineate.evaluate.thinning import skeleton

FULL = np.ones((3, 3, 3))
ROD = [(1, 1, 20), (2, 2, 20), (3, 3, 20), (5, 5, 30), (6, 6, 30), (2, 20, 2), (20, 3, 3)]


def topology(mask: Any) -> tuple[int, int, int]:
    """Pieces inside, pieces outside, and the Euler number from corners, edges, faces and cubes: tunnels follow."""
    cubes = np.pad(mask, 1).astype(np.int64)
    inside, outside = ndimage.label(cubes, FULL)[1], ndimage.label(cubes == 0)[1]
    euler = 0
    for axes in np.ndindex(2, 2, 2):  # cells spanned by `axes` are there where any voxel around them is
        size = tuple(1 if a else 2 for a in axes)
        euler += (-1) ** sum(axes) * int(ndimage.maximum_filter(cubes, size)[tuple(slice(0, None) for _ in axes)].sum())
    return inside, outside, euler


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", [(16, 17, 18), (1, 30, 30), (30, 30, 1)])
def test_keeps_pieces_tunnels_and_cavities(seed: int, shape: Any) -> None:
    mask = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), seed / 5) > 0
    thin = skeleton(mask)
    assert thin.shape == shape and thin.dtype == bool
    assert not (thin & ~mask).any()
    assert topology(thin) == topology(mask)
    assert thin.sum() < mask.sum()


def test_a_ball_becomes_its_middle() -> None:
    ball = sum((i - 12) ** 2 for i in np.indices((25, 25, 25))) <= 100
    assert np.argwhere(skeleton(ball)).tolist() == [[12, 12, 12]]


@pytest.mark.parametrize("shape", ROD)
def test_a_rod_becomes_its_axis(shape: Any) -> None:
    thin = skeleton(np.ones(shape, bool))
    long, thick = max(shape), min(shape)
    assert long - thick - 2 <= thin.sum() <= long
    assert (thin.sum(axis=int(np.argmax(shape))) > 0).sum() == 1  # one straight line


def test_a_ring_becomes_a_loop() -> None:
    z, y, x = np.indices((15, 41, 41)) - np.array([7, 20, 20])[:, None, None, None]
    ring = (np.hypot(y, x) - 12) ** 2 + z**2 <= 16
    thin = np.argwhere(skeleton(ring))
    assert len(thin) < 90
    assert np.abs(np.hypot(thin[:, 1] - 20, thin[:, 2] - 20) - 12).max() <= 1.5
    assert set(thin[:, 0]) == {7}


def test_a_picture_is_thinned_in_its_plane() -> None:
    flat = skeleton(np.ones((1, 9, 31), bool))
    assert np.array_equal(flat, skeleton(np.ones((9, 1, 31), bool)).transpose(1, 0, 2))
    assert flat[0, 4, 8:23].all() and flat.sum() <= 31


def test_small_things_stay() -> None:
    for shape in ((1, 1, 1), (2, 2, 2), (1, 2, 2), (1, 1, 2)):
        assert skeleton(np.ones(shape, bool)).any()
    assert not skeleton(np.zeros((3, 4, 5), bool)).any()
    assert skeleton(np.zeros((0, 0, 0), bool)).shape == (0, 0, 0)


def test_the_mask_stays_as_it_was() -> None:
    mask = np.ones((5, 5, 5), bool)
    skeleton(mask)
    assert mask.all()
