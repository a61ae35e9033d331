from __future__ import annotations

import re
from html import unescape

from delineate.evaluate.subgroups import NO_TRUTH, Subgroup
from delineate.evaluate.summary import summary_of
from delineate.evaluate.table import summarise
from delineate.show.facts import RunFacts
from delineate.show.scorepage import scores_page


def test_holds_every_number_and_loads_nothing(facts: RunFacts) -> None:
    assert facts.scores is not None
    part = Subgroup(column="site <x>", value=NO_TRUTH, cases=2, **dict(summary_of(facts.scores.rows[:4])))
    table = facts.scores.model_copy(update={"subgroups": (part,), "notes": ("a <note>",)})
    page = scores_page(table, "liver & kidneys")
    assert not re.search(r"(src|href)=[\"'](?!data:|#)", page) and "@import" not in page
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    for c in table.classes:
        for name in ("dice", "iou"):
            s = c.metrics[name]
            assert all(f"{v:.3f}" in text for v in (s.mean, s.std, s.median, s.q1, s.q3, s.low, s.high))
    assert all(c.case in text for c in table.cases)
    for told in ("Dice by site <x>", NO_TRUTH, "a <note>", "missed"):
        assert told in text


def test_a_table_of_absent_classes_alone(facts: RunFacts) -> None:
    assert facts.scores is not None
    absent = [r for r in facts.scores.rows if r.state == "absent"]
    assert "–" in scores_page(summarise(absent), "nothing")
