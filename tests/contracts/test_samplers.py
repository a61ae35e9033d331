"""What every sampler must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.patches.draw import start_bounds
from delineate.patches.guide import Guide
from delineate.patches.sampler import SAMPLERS
from delineate.store.likelihood import BlockMap, block_grid

SHAPES = {"small": (5, 20, 18), "large": (30, 26, 22), "slice": (1, 40, 40), "line": (1, 1, 37)}
FOR_CLASS = {"foreground", "background", "fallback"}


class Source:
    """Cases with one class in two corners, and a class that none of them holds."""

    channels = 1
    label_dtype = np.dtype(np.uint8)

    def __init__(self, shapes, classes=1):
        self.shapes, self.classes = shapes, classes

    @property
    def names(self):
        return tuple(self.shapes)

    def shape(self, name):
        return self.shapes[name]

    def foreground(self, name):
        corners = np.unique([[0, 0, 0], np.subtract(self.shapes[name], 1)], axis=0).astype(np.int32)
        return {**dict.fromkeys(range(1, self.classes + 1), corners), 9: np.zeros((0, 3), np.int32)}

    def read_box(self, name, start, shape):
        raise AssertionError("drawing reads no voxels")

    def read_into(self, name, start, image, label):
        raise AssertionError("drawing reads no voxels")


class EvenMaps:
    """Every place of every case the same."""

    def __init__(self, shapes):
        self.shapes = shapes

    def get(self, name, index):
        return BlockMap.of(np.ones(block_grid(self.shapes[name])), self.shapes[name])

    def names(self, index):
        return tuple(self.shapes)


def make(name, box=(8, 8, 8), seed=0, shapes=SHAPES, classes=1, **knobs):
    source, maps = Source(shapes, classes), EvenMaps(shapes)
    guide = Guide({"background": (0,), "one": (1,), "none": (9,)}, maps, maps)
    return SAMPLERS[name](source, source.names, box, PatchConfig(**knobs), seed, guide)


@pytest.mark.parametrize("name", SAMPLERS.names())
@pytest.mark.parametrize("box", [(8, 8, 8), (1, 16, 16), (12, 50, 50), (1, 1, 1)])
def test_starts_are_in_bounds_and_aims_are_those_asked(name, box):
    sampler = make(name, box)
    for index in range(200):
        draw = sampler.sample(index, 0)
        low, high = start_bounds(SHAPES[draw.case], box)
        assert all(a <= s <= b for a, s, b in zip(low, draw.start, high, strict=True))
        assert (draw.kind in FOR_CLASS) == (draw.class_id is not None)
        assert draw.kind == "fallback" or (draw.kind, draw.class_id) in sampler.asked


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_draws_depend_on_seed_epoch_and_index_alone(name):
    forward = [make(name).sample(i, 1) for i in range(20)]
    other = make(name)
    assert [other.sample(i, 1) for i in reversed(range(20))] == forward[::-1]
    assert [other.sample(i, 2) for i in range(20)] != forward
    assert [make(name, seed=5).sample(i, 1) for i in range(20)] != forward


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_every_case_is_drawn(name):
    sampler = make(name)
    assert {sampler.sample(i, 0).case for i in range(200)} == set(SHAPES)


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_what_is_drawn_is_what_was_asked(name):
    sampler = make(name, box=(4, 4, 4))
    assert sum(sampler.asked.values()) == pytest.approx(1) and min(sampler.asked.values()) >= 0
    number = 600
    aims = [(d.kind, d.class_id) for d in (sampler.sample(i, 0) for i in range(number))]
    for aim, share in sampler.asked.items():
        assert abs(aims.count(aim) / number - share) < 4 * np.sqrt(0.25 / number)


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_cases_without_any_label_are_drawn_all_the_same(name):
    sampler = make(name, classes=0, foreground=1.0, hard=0.0, class_shares={"none": 1.0})
    kinds = {sampler.sample(i, 0).kind for i in range(100)}
    assert "foreground" not in kinds
    if name in ("foreground", "hard", "slice", "slab", "balanced"):
        assert kinds == {"fallback"}


@pytest.mark.parametrize("name", SAMPLERS.names())
@settings(max_examples=6, deadline=None, derandomize=True)
@given(shape=st.tuples(*[st.integers(1, 4)] * 3), box=st.tuples(*[st.integers(1, 5)] * 3))
@example(shape=(1, 1, 9), box=(1, 2, 3))
@example(shape=(3, 4, 4), box=(1, 3, 3))
@example(shape=(2, 9, 1), box=(4, 4, 4))
def test_every_voxel_is_reached_corners_too(name, shape, box):
    sampler = make(name, box, shapes={"a": shape})
    seen = np.zeros(shape, bool)
    for index in range(4000):
        start = np.array(sampler.sample(index, 0).start)
        seen[tuple(slice(max(a, 0), max(a + p, 0)) for a, p in zip(start, box, strict=True))] = True
        if seen.all():
            return
    raise AssertionError(f"{np.argwhere(~seen).tolist()} of {shape} never drawn with {box}")


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_no_case_is_refused(name):
    guide = Guide({}, EvenMaps({}), EvenMaps({}))
    with pytest.raises(UsageError, match="no case"):
        SAMPLERS[name](Source({}), (), (8, 8, 8), PatchConfig(), 0, guide)
