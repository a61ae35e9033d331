"""What every metric promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import METRICS

NAMES = METRICS.names()
SCORES = tuple(n for n in NAMES if METRICS[n].better != "neither")
AMOUNTS = tuple(n for n in NAMES if METRICS[n].better == "neither")
NUMBER = st.integers(0, 10**9)
COUNTS = st.builds(Counts, NUMBER, NUMBER, NUMBER, NUMBER, st.floats(1e-6, 10))


def test_the_metrics_of_the_issue_are_there() -> None:
    assert set(NAMES) >= {
        "dice", "iou", "precision", "recall", "false_positive_rate", "false_negative_rate", "accuracy",
        "volume_ml", "truth_volume_ml", "volume_error_ml",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_has_a_name_and_a_formula_in_words(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    assert metric.formula.__doc__
    assert (metric.unit != "") == (metric.better == "neither")


@pytest.mark.parametrize("name", SCORES)
@given(counts=COUNTS)
def test_scores_lie_between_nothing_and_one(name: str, counts: Counts) -> None:
    assert 0 <= METRICS[name](counts) <= 1


@pytest.mark.parametrize("name", AMOUNTS)
@given(counts=COUNTS)
def test_amounts_are_not_negative(name: str, counts: Counts) -> None:
    assert METRICS[name](counts) >= 0


@pytest.mark.parametrize("name", NAMES)
def test_both_empty_is_perfect(name: str) -> None:
    assert METRICS[name](Counts(0, 0, 0, 100)) == METRICS[name].perfect
    assert METRICS[name](Counts(0, 0, 0, 0)) == METRICS[name].perfect


@pytest.mark.parametrize("name", SCORES)
@given(true=st.integers(1, 10**6), tn=NUMBER)
def test_full_agreement_is_perfect(name: str, true: int, tn: int) -> None:
    assert METRICS[name](Counts(true, 0, 0, tn)) == METRICS[name].perfect


@pytest.mark.parametrize("name", SCORES)
@given(tp=NUMBER, fp=NUMBER, fn=NUMBER, tn=NUMBER)
def test_emptying_a_prediction_of_something_there_never_helps(name: str, tp: int, fp: int, fn: int, tn: int) -> None:
    metric = METRICS[name]
    if tp + fn == 0:
        return
    before, emptied = metric(Counts(tp, fp, fn, tn)), metric(Counts(0, 0, tp + fn, tn + fp))
    assert emptied == 1 - metric.perfect
    assert emptied <= before if metric.better == "higher" else emptied >= before


@pytest.mark.parametrize("name", SCORES)
@given(fp=st.integers(1, 10**6), tn=NUMBER)
def test_a_false_alarm_is_never_perfect(name: str, fp: int, tn: int) -> None:
    metric = METRICS[name]
    value = metric(Counts(0, fp, 0, tn))
    assert value < 1 if metric.better == "higher" else value > 0
    if not metric.by_formula_on_false_alarm:
        assert value == 1 - metric.perfect
