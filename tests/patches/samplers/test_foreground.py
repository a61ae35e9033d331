from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from delineate.config import PatchConfig
from delineate.patches.samplers.foreground import ForegroundSampler, foreground_asked


def draws(source, n, box=(4, 4, 4), **knobs):
    sampler = ForegroundSampler(source, source.names, box, PatchConfig(**knobs), 0)
    return [sampler.sample(i, 0) for i in range(n)]


@pytest.mark.parametrize("share", [0.0, 0.25, 0.33, 0.5, 1.0])
def test_the_stated_share_is_foreground(source, share):
    kinds = Counter(draw.kind for draw in draws(source, 400, foreground=share))
    assert abs(kinds["foreground"] - 400 * share) <= 1


def test_every_batch_holds_its_part(source):
    kinds = [draw.kind == "foreground" for draw in draws(source, 40, foreground=0.5)]
    assert all(sum(kinds[i : i + 4]) == 2 for i in range(0, 40, 4))


def test_classes_take_turns_however_rare_they_are(source):
    counts = Counter((draw.class_id, draw.case) for draw in draws(source, 600, foreground=1.0))
    assert set(counts) == {(1, "a"), (2, "a"), (2, "b")}
    assert abs(counts[1, "a"] - 300) < 60 and abs(counts[2, "a"] - 150) < 45


def test_a_foreground_box_holds_its_class(source):
    for box in ((4, 4, 4), (1, 6, 6), (9, 30, 30)):
        for draw in draws(source, 100, box, foreground=1.0):
            assert (source.read_box(draw.case, draw.start, box)[1] == draw.class_id).any()


def test_every_labelled_voxel_can_be_the_middle(memory_source):
    label = np.zeros((3, 4, 5), np.uint8)
    label[:] = 1
    source = memory_source({"a": label})
    covered = np.zeros(label.shape, int)
    for draw in draws(source, 400, (1, 1, 1), foreground=1.0):
        covered[draw.start] += 1
    assert covered.min() > 0


def test_without_foreground_all_is_anywhere_and_counted_as_such(memory_source):
    source = memory_source({"a": np.zeros((5, 5, 5), np.uint8)})
    assert {draw.kind for draw in draws(source, 20, foreground=1.0)} == {"fallback"}


def test_four_of_five_around_labels_and_one_anywhere(source):
    kinds = [draw.kind for draw in draws(source, 100, foreground=0.8)]
    assert all(kinds[i : i + 5].count("foreground") == 4 for i in range(0, 100, 5))


def test_the_share_is_asked_in_equal_parts_and_the_rest_anywhere():
    asked = foreground_asked((2, 5), 0.75)
    assert asked == {("uniform", None): 0.25, ("foreground", 2): 0.375, ("foreground", 5): 0.375}


def test_one_voxel_of_a_class_is_drawn_as_often_as_a_large_organ(memory_source):
    label = np.ones((8, 8, 8), np.uint8)
    label[7, 0, 7] = 2
    counts = Counter(d.class_id for d in draws(memory_source({"a": label}), 400, (4, 4, 4), foreground=1.0))
    assert abs(counts[2] - 200) < 50
