from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delineate.core.errors import UsageError
from delineate.patches.tile import tile


@settings(max_examples=150, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 50)] * 2), patch=st.tuples(*[st.integers(1, 30)] * 2), overlap=st.floats(0, 0.9)
)
def test_every_voxel_is_covered_and_no_window_sticks_out_needlessly(shape, patch, overlap):
    seen = np.zeros(shape, int)
    for start in tile(shape, patch, overlap):
        assert all(s >= 0 and (s + p <= n or s == 0) for s, p, n in zip(start, patch, shape, strict=True))
        seen[tuple(slice(s, s + p) for s, p in zip(start, patch, strict=True))] += 1
    assert seen.min() >= 1


@settings(max_examples=100, deadline=None)
@given(size=st.integers(1, 200), window=st.integers(2, 64), overlap=st.floats(0, 0.9))
def test_neighbours_share_what_was_asked(size, window, overlap):
    starts = [s for (s,) in tile((size,), (window,), overlap)]
    assert starts == sorted(set(starts))
    stride = max(1, int(window * (1 - overlap)))
    assert all(b - a <= stride for a, b in itertools.pairwise(starts))


def test_a_volume_smaller_than_the_window_is_one_window():
    assert tile((5, 6, 7), (8, 8, 8)) == [(0, 0, 0)]


def test_slices_one_by_one():
    assert tile((3, 4, 4), (1, 4, 4), 0.5) == [(0, 0, 0), (1, 0, 0), (2, 0, 0)]


def test_known_starts():
    assert tile((10,), (4,), 0.5) == [(0,), (2,), (4,), (6,)]


@pytest.mark.parametrize(("shape", "patch", "overlap"), [((5, 5), (5,), 0.5), ((5,), (5,), 1.0), ((5,), (0,), 0.5)])
def test_refused(shape, patch, overlap):
    with pytest.raises(UsageError):
        tile(shape, patch, overlap)
