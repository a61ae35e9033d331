from __future__ import annotations

from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import summarise
from delineate.show.facts import RunFacts
from delineate.show.scoretable import case_means, class_rows, scores_by_case, worst_case


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


def test_means_of_cases_need_the_metric_and_leave_absent_classes_out() -> None:
    def score(case: str, name: str, state: str, **values: float) -> ClassScore:
        return ClassScore(case=case, class_name=name, state=state, values={"dice": 0.5, **values})

    table = summarise([
        score("a", "liver", "present", hd95=4.0), score("a", "cyst", "missed", hd95=20.0),
        score("b", "liver", "present", hd95=3.0), score("b", "cyst", "absent", hd95=0.0),
        score("c", "liver", "absent", hd95=0.0), score("c", "cyst", "absent", hd95=0.0),
        score("d", "liver", "present"), score("d", "cyst", "present"),
    ])  # fmt: skip
    assert case_means(table, "hd95") == {"a": 12.0, "b": 3.0, "c": None}
    assert case_means(table, "nsd") == {}
