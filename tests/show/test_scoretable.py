from __future__ import annotations

from delineate.show.facts import RunFacts
from delineate.show.scoretable import class_rows, scores_by_case, worst_case


def test_absent_cases_have_no_dot_and_missed_ones_have(facts: RunFacts) -> None:
    assert facts.scores is not None
    liver, kidney = class_rows(facts.scores)
    assert [d.case for d in liver.dots] == ["case0", "case1", "case2", "case3", "case9"]
    assert [d.case for d in kidney.dots] == ["case0", "case1", "case2", "case3"]
    assert liver.worst is not None and (liver.worst.case, liver.worst.dice) == ("case9", 0.0)


def test_worst_case_and_scores_by_case(facts: RunFacts) -> None:
    assert facts.scores is not None
    worst = worst_case(facts.scores)
    assert worst is not None and (worst.case, worst.dice) == ("case9", 0.0)
    assert set(scores_by_case(facts.scores)["case9"]) == set(facts.labels.names)
