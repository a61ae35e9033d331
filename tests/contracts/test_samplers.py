"""What every sampler must keep."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.patches.draw import start_bounds
from delineate.patches.sampler import SAMPLERS

SHAPES = {"small": (5, 20, 18), "large": (30, 26, 22), "slice": (1, 40, 40)}


class Source:
    names = tuple(SHAPES)

    def shape(self, name):
        return SHAPES[name]

    def foreground(self, name):
        return {1: np.array([[0, 0, 0], np.subtract(SHAPES[name], 1)], np.int32), 2: np.zeros((0, 3), np.int32)}

    def read_box(self, name, start, shape):
        raise AssertionError("drawing reads no voxels")


def make(name, box=(8, 8, 8), seed=0):
    return SAMPLERS[name](Source(), Source.names, box, PatchConfig(), seed)


@pytest.mark.parametrize("name", SAMPLERS.names())
@pytest.mark.parametrize("box", [(8, 8, 8), (1, 16, 16), (12, 50, 50)])
def test_starts_are_in_bounds_and_names_are_its_own(name, box):
    sampler = make(name, box)
    for index in range(100):
        draw = sampler.sample(index, 0)
        low, high = start_bounds(SHAPES[draw.case], box)
        assert all(a <= s <= b for a, s, b in zip(low, draw.start, high, strict=True))
        assert (draw.kind == "foreground") == (draw.class_id is not None)


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
    assert {sampler.sample(i, 0).case for i in range(100)} == set(SHAPES)


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_no_case_is_refused(name):
    with pytest.raises(UsageError):
        SAMPLERS[name](Source(), (), (8, 8, 8), PatchConfig(), 0)
