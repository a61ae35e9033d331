from __future__ import annotations

import pytest

from delineate.train import clock
from delineate.train.clock import Deadline
from delineate.train.schedule import Length


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock stands at 1000 s; write ``now["s"]`` to move it."""
    time = {"s": 1000.0}
    monkeypatch.setattr(clock.time, "monotonic", lambda: time["s"])
    return time


def test_it_knows_what_is_left(now):
    deadline = Deadline.after(60)
    now["s"] += 12
    assert deadline.left_s() == pytest.approx(48)


def test_without_a_measured_pace_nothing_changes(now):
    assert Deadline.after(10).correct(Length.of(100), 5, 0).total == 100


def test_a_slow_machine_gets_fewer_steps(now):
    deadline = Deadline.after(100)
    deadline.note(2.0)
    length = deadline.correct(Length.of(100), 10, pauses_s=20)
    assert length.total == 10 + 40
    assert length.progress(10) == pytest.approx(0.1)
    assert length.progress(50) == 1.0


def test_a_quick_machine_gets_more_steps(now):
    deadline = Deadline.after(100)
    deadline.note(0.5)
    assert deadline.correct(Length.of(100), 10, 0).total == 210


def test_within_two_percent_the_length_stays(now):
    deadline = Deadline.after(91)
    deadline.note(1.0)
    length = Length.of(100)
    assert deadline.correct(length, 10, 0) is length


def test_one_odd_epoch_does_not_change_the_pace(now):
    deadline = Deadline.after(90)
    for seconds in (1.0, 1.0, 50.0, 1.0, 1.0):
        deadline.note(seconds)
    assert deadline.correct(Length.of(100), 10, 0).total == 100


def test_the_pace_is_that_of_the_last_five_epochs(now):
    deadline = Deadline.after(90)
    for seconds in (1.0,) * 20 + (2.0,) * 5:
        deadline.note(seconds)
    assert deadline.correct(Length.of(100), 10, 0).total == 10 + 45


def test_late_runs_still_get_a_cool_down(now):
    deadline = Deadline.after(-30)
    deadline.note(1.0)
    assert deadline.correct(Length.of(100), 50, pauses_s=5).total == 55


def test_a_cool_down_that_has_begun_is_not_begun_again(now):
    deadline = Deadline.after(-30)
    deadline.note(1.0)
    length = deadline.correct(Length.of(100), 50, 0)
    assert deadline.correct(length, 52, 0).total == 55


def test_the_end_is_not_moved_once_reached(now):
    deadline = Deadline.after(1000)
    deadline.note(1.0)
    assert deadline.correct(Length.of(100), 100, 0).total == 100
