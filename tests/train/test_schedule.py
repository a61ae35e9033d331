from __future__ import annotations

import random
from itertools import pairwise

import pytest

from delineate.train.schedule import Length, learning_rate


def test_progress_counts_the_steps():
    length = Length.of(8)
    assert [length.progress(s) for s in (0, 2, 8, 9)] == [0, 0.25, 1, 1]


@pytest.mark.parametrize("seed", range(20))
def test_progress_never_falls_and_ends_at_one_through_turns(seed):
    draw = random.Random(seed)
    length, last, step = Length.of(draw.randint(5, 60)), 0.0, 0
    while step < length.total:
        now = length.progress(step)
        assert last <= now <= 1
        last = now
        if draw.random() < 0.2:
            turned = length.turned(step, draw.randint(step + 1, step + 60))
            assert turned.progress(step) == pytest.approx(now, abs=1e-12)
            length = turned
        step += 1
    assert length.progress(length.total) == 1.0
    assert length.progress(length.total - 1) < 1.0


def test_a_turn_cannot_end_in_the_past():
    length = Length.of(100).turned(50, 20)
    assert length.total == 50
    assert length.progress(50) == 1.0


def test_a_length_survives_json():
    length = Length.of(30).turned(7, 21).turned(9, 40)
    assert Length.model_validate_json(length.model_dump_json()) == length


@pytest.mark.parametrize("shape", ["cosine", "poly"])
def test_the_rate_warms_up_then_falls_to_nearly_nothing(shape):
    rates = [learning_rate(p / 1000, 0.01, shape, 0.05) for p in range(1001)]
    assert 0 < rates[0] < 0.001
    assert all(a < b for a, b in pairwise(rates[:51]))
    assert max(rates) == rates[50] == pytest.approx(0.01)
    assert all(a >= b for a, b in pairwise(rates[50:]))
    assert 0 < rates[-1] <= 0.01 * 1e-3


def test_the_rate_without_warm_up_begins_at_the_top():
    assert learning_rate(0.0, 0.1, "cosine", 0.0) == pytest.approx(0.1)


def test_the_middle_of_both_shapes_is_as_in_the_papers():
    assert learning_rate(0.5, 1.0, "cosine", 0.0) == pytest.approx(0.5)
    assert learning_rate(0.5, 1.0, "poly", 0.0) == pytest.approx(0.5**0.9)
