from __future__ import annotations

from math import inf

import pytest

from delineate.plan.planner import Budget, make_plan
from delineate.plan.variation import choose_strength

SEEN = [(0.1, "light"), (19.9, "light"), (20.0, "standard"), (inf, "standard")]


@pytest.mark.parametrize(("passes", "strength"), SEEN)
def test_what_is_seen_seldom_is_varied_little(passes, strength):
    assert choose_strength(passes)[0] == strength


def test_how_often_is_told():
    assert "about 7.7 times" in choose_strength(7.66)[1] and "about 31.4 times" in choose_strength(31.42)[1]
    assert "often" in choose_strength(inf)[1]


@pytest.mark.parametrize(("cases", "strength"), [(1, "standard"), (100, "light")])
def test_the_plan_knows_how_often(words, cases, strength):
    finger = words.hippocampus()
    finger = finger.model_copy(update={"cases": finger.cases * cases})
    plan = make_plan(finger, words.labels, words.wanted(), Budget(2**33, 150.0, lambda p: words.cost(p) / 3e10))
    assert plan.strength == strength
    assert next(r.value for r in plan.reasons if r.decision == "augmentation") == strength
