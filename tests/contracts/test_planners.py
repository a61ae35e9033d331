"""What every planner must do, whoever wrote it."""

from __future__ import annotations

import pytest

from delineate.config import PlanConfig
from delineate.core.errors import BudgetError
from delineate.core.labels import Labels
from delineate.dataset.fingerprint import CaseFingerprint, ChannelFingerprint, Fingerprint
from delineate.nets.net import build_net
from delineate.plan.plan import Plan
from delineate.plan.planner import PLANNERS, Budget, make_plan
from delineate.store.normalise import NORMALISERS

LABELS = Labels.exclusive({1: "one", 2: "two"})
GRIDS = [((36, 50, 35), (1.0, 1.0, 1.0)), ((9, 200, 210), (8.0, 1.4, 1.4)), ((1, 120, 160), (1.0, 1.0, 1.0))]


def finger_of(shape, spacing_mm) -> Fingerprint:
    case = CaseFingerprint(
        name="a", shape=shape, spacing_mm=spacing_mm, crop_start=(0, 0, 0), crop_shape=shape, class_voxels=(9, 9),
        content="a",
    )  # fmt: skip
    channel = ChannelFingerprint(
        name="MR", kind="other", mean=5, std=2, median=5, percentile_00_5=1, percentile_99_5=9, minimum=0, maximum=10,
        zero_fraction=0,
    )  # fmt: skip
    return Fingerprint(cases=(case,), channels=(channel,), class_names=LABELS.names)


@pytest.mark.parametrize("name", list(PLANNERS))
@pytest.mark.parametrize(("shape", "spacing_mm"), GRIDS)
def test_a_plan_is_whole_and_can_be_built(name, shape, spacing_mm):
    finger = finger_of(shape, spacing_mm)
    wanted, budget = PlanConfig(planner=name), Budget(memory_bytes=2 * 2**30)
    plan = make_plan(finger, LABELS, wanted, budget)
    assert plan == make_plan(finger, LABELS, wanted, budget)
    assert plan.labels == LABELS
    assert plan.channels == ("MR",)
    assert sorted(plan.axes) == [0, 1, 2]
    assert plan.memory_bytes <= budget.memory_bytes
    assert all(n.name in NORMALISERS for n in plan.normalisers)
    assert len(plan.normalisers) == len(plan.channels)
    assert plan.stages
    assert all(r.decision and r.value and r.why for r in plan.reasons)
    read = Plan.model_validate_json(plan.model_dump_json())
    for stage in read.stages:
        assert len(stage.patch) == read.dims
        build_net(stage.net.name, read.dims, 1, LABELS.channels, stage.net.options)


@pytest.mark.parametrize("name", list(PLANNERS))
def test_no_memory_is_a_budget_error(name):
    with pytest.raises(BudgetError):
        make_plan(finger_of(*GRIDS[0]), LABELS, PlanConfig(planner=name), Budget(memory_bytes=2**20))
