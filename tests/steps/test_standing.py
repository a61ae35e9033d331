"""Seeds are repetitions: their mean is what stands for a case."""

from __future__ import annotations

from delineate.evaluate.score import ClassScore
from delineate.steps.standing import compare_all, mean_over_seeds


def score(state: str, dice: float, case: str = "c0") -> ClassScore:
    return ClassScore(case=case, class_name="liver", state=state, values={"dice": dice})


def test_seeds_are_averaged_case_by_case():
    mean = mean_over_seeds([[score("present", 0.8), score("present", 0.5, "c1")], [score("present", 0.6)]])
    assert [(r.case, round(r.values["dice"], 9)) for r in mean] == [("c0", 0.7), ("c1", 0.5)]


def test_one_seed_is_left_as_it_is():
    rows = (score("present", 0.8), score("absent", 1.0, "c1"), score("missed", 0.0, "c2"))
    assert mean_over_seeds([rows]) == rows


def test_a_class_is_missed_where_every_seed_missed_it():
    assert mean_over_seeds([[score("missed", 0.0)], [score("missed", 0.0)]])[0].state == "missed"
    half = mean_over_seeds([[score("missed", 0.0)], [score("present", 0.8)]])[0]
    assert (half.state, half.values["dice"]) == ("present", 0.4)


def test_a_false_alarm_is_not_made_better_by_seeds_that_found_nothing():
    mean = mean_over_seeds([[score("false alarm", 0.0)], [score("absent", 1.0)]])[0]
    assert (mean.state, mean.values["dice"]) == ("false alarm", 0.0)


def test_one_model_is_compared_with_nothing():
    made, notes = compare_all({})
    assert made == () and "nothing can be tested" in notes[0]
