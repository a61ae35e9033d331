"""Folds pooled and compared; seeds averaged."""

from __future__ import annotations

import pytest

from delineate.core.errors import UsageError
from delineate.evaluate.pooling import average_tables, pool
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable, summarise


def table(*rows: tuple[str, str, str, float]) -> ScoreTable:
    return summarise(ClassScore(case=c, class_name=n, state=s, values={"dice": v}) for c, n, s, v in rows)


def test_pooled_over_cases_and_spread_over_folds() -> None:
    folds = {
        "0": table(("p", "a", "present", 0.9), ("q", "a", "present", 0.7), ("p", "b", "absent", 1.0)),
        "1": table(("r", "a", "missed", 0.0), ("r", "b", "present", 0.5)),
    }
    found = pool(folds)
    assert found.folds == ("0", "1")
    a, b = found.table.classes
    assert (a.n, a.missed, a.metrics["dice"].mean) == (3, 1, pytest.approx(1.6 / 3))
    assert (b.n, b.absent) == (1, 1)
    assert found.classes["a"]["dice"].mean == pytest.approx(0.4)  # of 0.8 and 0
    assert found.classes["a"]["dice"].std == pytest.approx(0.8 / 2**0.5)
    assert found.classes["b"]["dice"].model_dump() == {"n": 1, "mean": 0.5, "std": None}
    assert found.foreground["dice"].mean == pytest.approx((0.8 + 0.25) / 2)


def test_a_case_in_two_folds_is_refused() -> None:
    one = table(("p", "a", "present", 0.9))
    with pytest.raises(UsageError, match="given twice"):
        pool({"0": one, "1": one})
    with pytest.raises(UsageError, match="no scores"):
        pool({})


def test_seeds_are_averaged_and_the_worst_state_is_kept() -> None:
    one = table(("p", "a", "present", 0.8), ("q", "a", "absent", 1.0), ("r", "a", "absent", 1.0))
    two = table(("p", "a", "missed", 0.0), ("q", "a", "false alarm", 0.0), ("r", "a", "absent", 1.0))
    found = average_tables([one, two])
    assert [(r.state, r.values["dice"]) for r in found.rows] == [
        ("missed", 0.4), ("false alarm", 0.5), ("absent", 1.0),
    ]  # fmt: skip
    assert average_tables([one]) == one


def test_tables_of_other_cases_are_not_averaged() -> None:
    with pytest.raises(UsageError, match=r"q \(a\)"):
        average_tables([table(("p", "a", "present", 0.9)), table(("q", "a", "present", 0.9))])
    with pytest.raises(UsageError, match="no tables"):
        average_tables([])
