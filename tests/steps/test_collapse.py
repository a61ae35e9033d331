"""A validation that finds nothing is told; one that finds nothing again, in vain, stops the run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from delineate.evaluate.score import ClassScore
from delineate.steps.collapse import CollapseGuard

BLANK = ("missed", "absent")


class Course:
    """Validations one after another, each given by the states of its classes: two cases with the same states."""

    def __init__(self, action="stop"):
        self.validator = SimpleNamespace(scores=())
        self.guard = CollapseGuard(self.validator, action)

    def at(self, progress, loss, *states):
        self.validator.scores = tuple(
            ClassScore(case=case, class_name=name, state=state, values={})
            for case in ("c0", "c1")
            for name, state in zip(("liver", "tumour"), states, strict=True)
        )
        return self.guard(progress, loss)


def test_only_background_is_told_at_once_and_stops_the_second_time():
    course = Course()
    first = course.at(0.4, 1.0, *BLANK)
    assert first.told == "only background is predicted in all 2 validation cases" and not first.stop
    assert course.at(0.6, 0.99, *BLANK).stop


@pytest.mark.parametrize(
    ("why", "course"),
    [
        ("the loss still falls", [(0.4, 1.0, BLANK), (0.6, 0.94, BLANK)]),
        ("it is too early", [(0.2, 1.0, BLANK), (0.4, 1.0, BLANK)]),
        ("something was found between", [(0.2, 1.0, BLANK), (0.4, 1.0, ("present", "absent")), (0.6, 1.0, BLANK)]),
        ("something was marked between", [(0.2, 1.0, BLANK), (0.4, 1.0, ("missed", "false alarm")), (0.6, 1.0, BLANK)]),
        ("the loss before is not known", [(0.6, float("nan"), BLANK), (0.8, 1.0, BLANK)]),
        ("it is the first", [(0.8, 1.0, BLANK)]),
    ],
)
def test_it_goes_on_where(why, course):
    run = Course()
    *_, last = [run.at(progress, loss, *states) for progress, loss, states in course]
    assert last is not None and not last.stop, why


def test_who_asks_to_be_told_is_never_stopped():
    course = Course("tell")
    told = [course.at(progress, 1.0, *BLANK) for progress in (0.4, 0.6, 0.8, 1.0)]
    assert all(t.told and not t.stop for t in told)


def test_a_class_that_is_lost_is_told_once_it_is():
    course = Course()
    assert course.at(0.2, 1.0, "missed", "false alarm") is None
    assert course.at(0.4, 0.9, "present", "present") is None
    assert course.at(0.6, 0.8, "present", "missed").told == "no longer found in any case: tumour"
    assert course.at(0.8, 0.7, "present", "absent") is None, "no case has it"


def test_where_there_is_nothing_to_find_nothing_is_told():
    course = Course()
    assert course.at(0.6, 1.0, "absent", "absent") is None and course.at(0.8, 1.0, "absent", "absent") is None
