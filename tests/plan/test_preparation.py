from __future__ import annotations

import pytest

from delineate.config import PlanConfig, PrepareConfig
from delineate.core.errors import UsageError
from delineate.plan.plan import Plan
from delineate.plan.planner import Budget, make_plan
from delineate.plan.preparation import with_preparation


def planned(finger, words, **wanted) -> Plan:
    plan = make_plan(finger, words.labels, PlanConfig(), Budget(memory_bytes=2**34))
    return with_preparation(plan, PrepareConfig(**wanted), finger)


def test_nothing_asked_for_changes_nothing(words):
    for finger in (words.hippocampus(), words.body()):
        plan = make_plan(finger, words.labels, PlanConfig(), Budget(memory_bytes=2**34))
        assert with_preparation(plan, PrepareConfig(), finger) == plan


@pytest.mark.parametrize(("crop", "margin_mm"), [("none", 0.0), ("nonzero", 0.0), ("body", 7.0), ("lung", 7.0)])
def test_a_crop_is_taken_over_with_its_reason(words, crop, margin_mm):
    plan = planned(words.body(), words, crop=crop, crop_margin_mm=7.0)
    assert (plan.crop, plan.crop_margin_mm) == (crop, margin_mm)
    assert [r.value.split(",")[0] for r in plan.reasons if r.decision == "crop"] == [crop]


def test_bias_is_corrected_in_mr_alone(words):
    finger = words.finger([words.case((40, 60, 60), (1.0, 1.0, 1.0))], words.channel("CT", "ct"), words.channel("T2"))
    assert planned(finger, words, n4=True).n4 == ("T2",)


def test_what_makes_no_sense_is_refused(words):
    with pytest.raises(UsageError, match="every channel is CT"):
        planned(words.body(), words, n4=True)
    with pytest.raises(UsageError, match="every channel is a picture"):
        planned(words.pictures(), words, n4=True)
    with pytest.raises(UsageError, match="no channel is CT"):
        planned(words.hippocampus(), words, crop="lung")
