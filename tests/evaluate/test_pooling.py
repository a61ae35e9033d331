"""Folds pooled and compared; seeds averaged."""

from __future__ import annotations

import pytest

from delineate.core.errors import UsageError
from delineate.evaluate.pooling import average_seeds, pool, tell_lacking
from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import Tally


def rows(*found: tuple[str, str, str, float]) -> list[ClassScore]:
    return [ClassScore(case=c, class_name=n, state=s, values={"dice": v}) for c, n, s, v in found]


def test_pooled_over_cases_and_spread_over_folds() -> None:
    folds = {
        "0": rows(("p", "a", "present", 0.9), ("q", "a", "present", 0.7), ("p", "b", "absent", 1.0)),
        "1": rows(("r", "a", "missed", 0.0), ("r", "b", "present", 0.5)),
    }
    found = pool(folds)
    assert found.folds == ("0", "1")
    a, b = found.table.classes
    assert (a.n, a.missed, a.metrics["dice"].mean) == (3, 1, pytest.approx(1.6 / 3))
    assert (b.n, b.absent) == (1, 1)
    assert found.classes["a"]["dice"].mean == pytest.approx(0.4)  # of 0.8 and 0
    assert found.classes["a"]["dice"].std == pytest.approx(0.8 / 2**0.5)
    assert found.classes["b"]["dice"].model_dump() == {
        "n": 1, "mean": 0.5, "std": None, "folds": {"0": None, "1": 0.5}
    }  # fmt: skip
    assert found.tallies == {"0": Tally(evaluated=2, absent=1), "1": Tally(evaluated=2, missed=1)}
    assert found.foreground["dice"].folds == {"0": pytest.approx(0.8), "1": 0.25}
    assert found.foreground["dice"].mean == pytest.approx((0.8 + 0.25) / 2)


def test_a_case_in_two_folds_is_refused() -> None:
    one = rows(("p", "a", "present", 0.9))
    with pytest.raises(UsageError, match="given twice"):
        pool({"0": one, "1": one})
    with pytest.raises(UsageError, match="no scores"):
        pool({})


def score(state: str, dice: float, case: str = "c0") -> ClassScore:
    return ClassScore(case=case, class_name="liver", state=state, values={"dice": dice})


def test_seeds_are_averaged_case_by_case():
    mean = average_seeds([[score("present", 0.8), score("present", 0.5, "c1")], [score("present", 0.6)]])
    assert [(r.case, round(r.values["dice"], 9)) for r in mean] == [("c0", 0.7), ("c1", 0.5)]


def test_one_seed_is_left_as_it_is():
    rows = (score("present", 0.8), score("absent", 1.0, "c1"), score("missed", 0.0, "c2"))
    assert average_seeds([rows]) == rows


def test_a_class_is_missed_where_every_seed_missed_it():
    assert average_seeds([[score("missed", 0.0)], [score("missed", 0.0)]])[0].state == "missed"
    half = average_seeds([[score("missed", 0.0)], [score("present", 0.8)]])[0]
    assert (half.state, half.values["dice"]) == ("present", 0.4)


def test_a_false_alarm_is_not_made_better_by_seeds_that_found_nothing():
    mean = average_seeds([[score("false alarm", 0.0)], [score("absent", 1.0)]])[0]
    assert (mean.state, mean.values["dice"]) == ("false alarm", 0.0)


def test_metrics_that_a_seed_lacks_are_left_out_and_told():
    old = score("present", 0.6)
    new = old.model_copy(update={"values": {"nsd": 0.9, "dice": 0.8}})
    for seeds in ([new], [old]), ([old], [new]):
        assert average_seeds(seeds)[0].values == {"dice": pytest.approx(0.7)}
    (told,) = tell_lacking({"net-seed0": [new], "net-seed1": [old], "net-seed2": [new, old]})
    assert told.endswith(": nsd (lacking in net-seed1, net-seed2)")
    assert tell_lacking({"net-seed0": [new], "net-seed1": [new]}) == ()
