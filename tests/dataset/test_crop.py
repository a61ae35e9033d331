from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.dataset.crop import canonical_box, joined_box, nonzero_box


def test_nonzero_box_is_that_of_brute_force() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        array = (rng.random((2, 6, 7, 8)) > 0.985).astype(np.int16)
        places = np.argwhere(array.any(axis=0))
        start, shape = nonzero_box(array)
        if len(places):
            assert start == tuple(places.min(axis=0))
            assert shape == tuple(np.ptp(places, axis=0) + 1)
        else:
            assert (start, shape) == ((0, 0, 0), (6, 7, 8))


def test_negative_and_odd_voxels_count_as_body() -> None:
    array = np.zeros((1, 4, 4, 4), np.float32)
    array[0, 1, 2, 3], array[0, 2, 2, 2] = -5, np.nan
    assert nonzero_box(array) == ((1, 2, 2), (2, 1, 2))


@pytest.mark.parametrize("axes", list(permutations(range(3))))
@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
def test_canonical_box_cuts_the_same_voxels(axes: tuple[int, ...], signs: tuple[int, ...]) -> None:
    direction = np.zeros((3, 3))
    for column, (row, sign) in enumerate(zip(axes, signs, strict=True)):
        direction[row, column] = sign
    geometry = Geometry(shape=(5, 6, 7), direction=tuple(map(tuple, direction)))
    array = np.zeros(geometry.shape)
    array[1:3, 2:6, 0:4] = np.random.default_rng(0).random((2, 4, 4)) + 1
    start, shape = canonical_box(nonzero_box(array[None]), geometry)
    order, flips = geometry.closest_axes()
    turned = np.flip(array.transpose(order), [a for a in range(3) if flips[a]])
    cut = turned[tuple(slice(s, s + n) for s, n in zip(start, shape, strict=True))]
    assert cut.sum() == pytest.approx(array.sum())
    assert cut.all()


def test_a_joined_box_is_the_box_of_both() -> None:
    assert joined_box(((1, 2, 3), (2, 2, 2)), ((2, 0, 4), (5, 3, 1))) == ((1, 0, 3), (6, 4, 2))
    assert joined_box(((1, 1, 1), (1, 1, 1)), ((1, 1, 1), (1, 1, 1))) == ((1, 1, 1), (1, 1, 1))
