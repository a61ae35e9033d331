from __future__ import annotations

import pytest

from delineate.core.run import RunFolder
from delineate.evaluate.score import ClassScore
from delineate.steps.gathering import save_scores
from delineate.steps.reporting import pooled, validation_dice, validation_tables
from delineate.train.fit import Outcome
from delineate.train.schedule import Length
from delineate.train.state import RunState

DICE = {0: {"a": 0.9, "b": 0.5}, 1: {"c": 0.7}}
"""By fold and case: training had time to compare validations over a and c only."""


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    run = RunFolder(tmp_path)
    for fold, cases in DICE.items():
        run.fold(fold).mkdir(parents=True)
        save_scores([ClassScore(case=c, class_name="x", state="present", values={"dice": d}) for c, d in cases.items()],
                    run.fold(fold))  # fmt: skip
    return run


@pytest.fixture
def outcomes() -> list[Outcome]:
    bests = (0.9, 0.7)
    return [Outcome(RunState(step=9, length=Length.of(9), best_score=b, best_step=9), complete=True) for b in bests]


def test_what_a_run_tells_is_of_all_cases_as_in_its_report(folder, outcomes):
    shown = pooled(validation_tables(folder))
    told = validation_dice(shown, outcomes)
    assert shown is not None and told == shown.foreground["dice"] == pytest.approx((0.9 + 0.5 + 0.7) / 3)


def test_a_stopped_run_tells_the_best_so_far(outcomes):
    assert validation_dice(None, outcomes) == pytest.approx(0.8)


def test_a_run_that_scored_nothing_tells_what_it_has(tmp_path, outcomes):
    nothing = pooled(validation_tables(RunFolder(tmp_path / "empty")))
    assert validation_dice(nothing, outcomes) == pytest.approx(0.8)
    assert validation_dice(nothing, []) is None
