from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delineate.core.errors import UsageError
from delineate.patches.draw import box_of, keyed_rng, start_around, start_bounds, uniform_start

triples = st.tuples(*[st.integers(1, 40)] * 3)


def test_a_draw_depends_on_the_key_alone():
    first = keyed_rng(1, 2, 3).integers(1 << 30, size=4)
    np.testing.assert_array_equal(first, keyed_rng(1, 2, 3).integers(1 << 30, size=4))
    others = [(0, 2, 3), (1, 0, 3), (1, 2, 0), (1, 2, 3, 1), (1, 2, 3, 1, 7)]
    assert len({tuple(keyed_rng(*key).integers(1 << 30, size=4)) for key in others} | {tuple(first)}) == 6


def test_two_numbers_are_one_slice():
    assert box_of((8, 9)) == (1, 8, 9)
    assert box_of((7, 8, 9)) == (7, 8, 9)


@pytest.mark.parametrize("patch", [(8,), (1, 2, 3, 4), (0, 8, 8)])
def test_no_patch(patch):
    with pytest.raises(UsageError, match="not a patch"):
        box_of(patch)


@settings(max_examples=200, deadline=None)
@given(shape=triples, box=triples, data=st.data())
def test_the_box_around_a_voxel_holds_it(shape, box, data):
    voxel = data.draw(st.tuples(*[st.integers(0, n - 1) for n in shape]))
    start = start_around(voxel, shape, box, keyed_rng(0, 0, data.draw(st.integers(0, 99))))
    low, high = start_bounds(shape, box)
    for v, s, p, lo, hi in zip(voxel, start, box, low, high, strict=True):
        assert lo <= s <= hi and s <= v < s + p


@settings(max_examples=200, deadline=None)
@given(size=st.integers(1, 60), box=st.integers(1, 60))
def test_uniform_boxes_reach_every_voxel_and_stay_near(size, box):
    (low, _, _), (high, _, _) = start_bounds((size,) * 3, (box,) * 3)
    reached = {v for s in range(low, high + 1) for v in range(s, s + box)}
    assert reached >= set(range(size))
    for start in range(low, high + 1):
        inside = min(start + box, size) - max(start, 0)
        assert inside >= min(size, box) - box // 8


def test_boxes_stick_out_by_an_eighth_and_small_volumes_lie_anywhere_in_them():
    assert start_bounds((20, 40, 5), (8, 16, 8)) == ((-1, -2, -3), (13, 26, 0))


def test_every_voxel_of_a_volume_is_drawn_corners_included():
    shape, box = (3, 6, 5), (1, 4, 4)
    seen = np.zeros(shape, int)
    for index in range(600):
        start = uniform_start(shape, box, keyed_rng(0, 0, index))
        low, high = np.maximum(start, 0), np.minimum(np.add(start, box), shape)
        seen[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] += 1
    assert seen.min() > 20


def test_the_voxel_is_not_always_in_the_centre():
    places = {30 - start_around((30, 30, 30), (60, 60, 60), (16, 16, 16), keyed_rng(0, 0, i))[0] for i in range(200)}
    assert places == set(range(4, 12))
