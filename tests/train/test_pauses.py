from __future__ import annotations

import pytest

from delineate.train.clock import Deadline
from delineate.train.pauses import Pauses


def pauses_of(left_s, times=3, share=0.1):
    return Pauses(times, share, Deadline.after(left_s))


def due_at(pauses, steps=100, used_s=0.0):
    return [k for k in range(1, steps + 1) if pauses.due(k / steps, (k - 1) / steps, used_s)]


def test_spread_evenly_with_none_near_the_end():
    assert due_at(Pauses(3, 0.1, None)) == [25, 50, 75]
    assert due_at(Pauses(0, 0.1, None)) == []


def test_without_a_deadline_they_take_what_they_take():
    pauses = Pauses(3, 0.1, None)
    pauses.took(1e6)
    assert pauses.each_s(10.0) is None and pauses.final_s(10.0) is None
    assert due_at(pauses) == [25, 50, 75]


def test_the_end_has_half_of_the_share_and_the_others_the_rest():
    pauses = pauses_of(900.0)
    assert pauses.each_s(100.0) == pytest.approx(1000 * 0.1 / 2 / 3, rel=0.01)
    assert pauses_of(1e-9).final_s(1000.0) == pytest.approx(50.0, rel=0.01)
    assert pauses.final_s(100.0) == pytest.approx(900.0, rel=0.01)  # whatever is left


def test_one_far_dearer_than_its_share_is_the_last_before_the_end():
    pauses = pauses_of(1000.0)  # each has 16.7 s
    pauses.took(30.0)
    assert due_at(pauses)
    pauses.took(40.0)
    assert not due_at(pauses)


def test_what_lies_ahead_is_the_share_until_one_was_seen():
    pauses = pauses_of(1000.0)
    assert pauses.ahead_s(0.0, 0.0) == pytest.approx(100.0, rel=0.01)
    assert pauses.ahead_s(1.0, 0.0) == pytest.approx(50.0, rel=0.01)
    pauses.took(2.0)  # every case in a fraction of its time: the end will not need more either
    assert pauses.ahead_s(0.0, 0.0) == pytest.approx(1.3 * 2 + 3 * 1.1 * 2, rel=0.01)
    pauses.took(200.0)  # too dear: only the end has one
    assert pauses.ahead_s(0.0, 0.0) == pytest.approx(220.0, rel=0.01)
