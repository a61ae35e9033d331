from __future__ import annotations

import numpy as np
import pytest

from delineate.dataset.split import Split
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable, summarise
from delineate.show.fewcases import mean_interval, small_validation

WIDE = (0.2, 0.95, 0.5, 0.9)
NAMES = [f"case{i}" for i in range(12)]
THREE = tuple(
    Split(train=tuple(n for n in NAMES if n not in part), validation=tuple(part))
    for part in (NAMES[:4], NAMES[4:8], NAMES[8:])
)


def table(fold: int = 0, dice: tuple[float, ...] = WIDE) -> ScoreTable:
    rows = (
        ClassScore(case=f"case{4 * fold + i}", class_name="liver", state="present", values={"dice": d})
        for i, d in enumerate(dice)
    )
    return summarise(rows)


def test_one_fold_of_three_is_told_to_train_all_three_on_the_same_split():
    note = small_validation([table()], THREE, "'my runs/a'")
    assert note is not None and note.seen == ("4 validation cases, mean Dice 0.637, 95 % interval 0.07 to 1.00",)
    assert note.command == (
        "delineate train DATA -o 'my runs/a'-folds --splits 'my runs/a'/splits.json --fold 0 --fold 1 --fold 2"
    )


def test_where_all_folds_were_trained_nobody_is_told_to_train_them():
    note = small_validation([table(k) for k in range(3)], THREE, "RUN")
    assert note is not None and "12 validation cases of 3 folds" in note.seen[0]
    assert note.advice.startswith("All 3 folds were trained") and "compare" in note.command
    assert "--fold" not in note.command


def test_where_the_time_allowed_only_some_cases_more_time_is_advised():
    note = small_validation([table(k, WIDE[:2]) for k in range(3)], THREE, "RUN")
    assert note is not None and "6 of 12 cases" in note.advice and not note.command


def test_a_hold_out_is_told_to_make_folds():
    note = small_validation([table()], THREE[:1], "RUN")
    assert note is not None and "--set folds=5 --fold 0" in note.command


def test_one_patient_alone_is_told_that_folds_cannot_help():
    names = tuple(NAMES[:4])
    note = small_validation([table()], [Split(train=names, validation=names)], "RUN")
    assert note is not None and "further patients" in note.advice and not note.command


def test_no_note_on_nothing_or_on_enough():
    assert small_validation([], THREE, "RUN") is None
    assert small_validation([table(k, (0.88, 0.9, 0.89, 0.87)) for k in range(2)], THREE, "RUN") is None
    assert small_validation([table(0, (0.88, 0.9, 0.89, 0.87))], THREE, "RUN") is not None


def test_the_interval_is_that_of_a_t_test():
    from scipy import stats

    values = [0.8, 0.85, 0.7, 0.9, 0.6]
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((expected.low, expected.high))
    assert mean_interval([0.1, 0.9]) == (0.0, 1.0)
    assert np.diff(mean_interval([0.5, 0.5, 0.5])) == 0
