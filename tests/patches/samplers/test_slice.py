from __future__ import annotations

from collections import Counter

import numpy as np

from delineate.config import PatchConfig
from delineate.patches.samplers.slice import SliceSampler


def draws(source, n, box, **knobs):
    sampler = SliceSampler(source, source.names, box, PatchConfig(**knobs), 0)
    return [sampler.sample(i, 0) for i in range(n)]


def test_only_the_slice_is_drawn_where_the_box_covers_the_plane(source):
    for foreground in (0.0, 1.0):
        assert {d.start[1:] for d in draws(source, 100, (1, 20, 20), foreground=foreground)} == {(0, 0)}


def test_slices_with_a_class_are_drawn_equally_often_however_much_they_hold(memory_source):
    label = np.zeros((6, 10, 10), np.uint8)
    label[1] = 1
    label[4, 3, 3] = 1
    counts = Counter(d.start[0] for d in draws(memory_source({"a": label}), 400, (1, 10, 10), foreground=1.0))
    assert set(counts) == {1, 4} and abs(counts[4] - 200) < 50


def test_a_box_smaller_than_the_plane_holds_the_class(memory_source):
    label = np.zeros((4, 30, 8), np.uint8)
    label[2, 29, 7] = 1
    source = memory_source({"a": label})
    for draw in draws(source, 60, (1, 6, 8), foreground=1.0):
        assert draw.start[2] == 0 and source.read_box("a", draw.start, (1, 6, 8))[1].any()


def test_all_slices_are_drawn(source):
    seen = {(d.case, d.start[0]) for d in draws(source, 600, (1, 20, 20), foreground=0.0)}
    assert seen == {(name, z) for name in source.names for z in range(source.shape(name)[0])}
