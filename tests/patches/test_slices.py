from __future__ import annotations

import numpy as np

from delineate.patches.draw import Draw, keyed_rng
from delineate.patches.slices import SliceIndex, whole_plane


def test_only_axes_that_are_covered_are_pinned():
    draw = Draw("a", (3, 4, 5), "uniform")
    assert whole_plane(draw, (9, 10, 10), (1, 10, 6)).start == (3, 0, 5)
    assert whole_plane(draw, (9, 10, 10), (20, 4, 12)).start == (3, 4, 0)


def test_small_gaps_do_not_part_a_lesion(memory_source):
    label = np.zeros((20, 3, 3), np.uint8)
    label[[1, 2, 5, 6, 12]] = 1
    assert SliceIndex(memory_source({"a": label}), ("a",)).runs() == [6, 1]


def test_a_class_nobody_holds_falls_back(source):
    index = SliceIndex(source, source.names)
    for draw in (index.draw, index.draw_run):
        assert draw(7, (1, 4, 4), keyed_rng(0, 0, 0)).kind == "fallback"
