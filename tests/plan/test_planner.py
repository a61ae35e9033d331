from __future__ import annotations

from itertools import pairwise
from math import prod

import pytest

from delineate.config import PlanConfig
from delineate.core.errors import BudgetError, UnknownNameError, UsageError
from delineate.core.labels import Labels
from delineate.plan.budget import store_bytes
from delineate.plan.plan import Plan
from delineate.plan.planner import Budget, make_plan

GIB = 2**30
PLENTY = Budget(memory_bytes=64 * GIB)
DATA = ["hippocampus", "heart", "pictures", "body"]


def plan_of(words, data, budget=PLENTY, **wanted) -> Plan:
    return make_plan(getattr(words, data)(), words.labels, PlanConfig(**wanted), budget)


def test_small_isotropic_scans_are_seen_whole_in_3d(words):
    plan = plan_of(words, "hippocampus")
    (stage,) = plan.stages
    assert (plan.dims, plan.axes, plan.anisotropic, plan.crop) == (3, (0, 1, 2), False, "none")
    assert stage.spacing_mm == (1.0, 1.0, 1.0)
    assert stage.patch == (40, 56, 40)
    assert plan.mirror_axes == ()
    assert plan.memory_bytes < PLENTY.memory_bytes


def test_thick_slices_keep_their_spacing_and_are_not_mixed_at_first(words):
    plan = plan_of(words, "heart")
    (stage,) = plan.stages
    options = stage.net.options
    assert plan.anisotropic
    assert stage.spacing_mm == pytest.approx((10.0, 1.56, 1.56))
    assert options["kernels"][0] == (1, 3, 3)
    assert options["kernels"][-1] == (3, 3, 3)
    assert options["strides"][1] == (1, 2, 2)
    assert stage.patch[0] < 16 < stage.patch[1]


def test_a_coarse_last_axis_is_put_first(words):
    finger = words.finger([words.case((200, 180, 12), (1.0, 1.0, 8.0))])
    plan = make_plan(finger, words.labels, PlanConfig(), PLENTY)
    assert plan.axes == (2, 0, 1)
    assert plan.stages[0].spacing_mm == (8.0, 1.0, 1.0)
    assert plan.stages[0].patch[0] < 20


def test_pictures_are_2d_and_mirrored_unless_they_have_sides(words):
    plan = plan_of(words, "pictures")
    assert plan.dims == len(plan.stages[0].patch) == 2
    assert plan.mirror_axes == (0, 1)
    assert plan.normalisers[0].name == "scale"
    sided = Labels.exclusive({1: "left lung", 2: "right lung"})
    assert make_plan(words.pictures(), sided, PlanConfig(), PLENTY).mirror_axes == ()


def test_volumes_are_sliced_where_2d_is_asked_for(words):
    plan = plan_of(words, "heart", dims=2)
    (stage,) = plan.stages
    assert plan.dims == len(stage.patch) == len(stage.net.options["strides"][0]) == 2
    assert stage.spacing_mm[0] == pytest.approx(10.0)
    assert plan.mirror_axes == ()


def test_neighbouring_slices_are_inputs(words):
    plan = plan_of(words, "body", dims=2.5, slices=3)
    assert (plan.dims, plan.slices, plan.inputs, plan.planes) == (2, 3, 3, (0,))
    assert plan_of(words, "body", dims=2.5, triplanar=True).planes == (0, 1, 2)


@pytest.mark.parametrize(
    ("data", "wanted", "told"),
    [
        ("pictures", {"dims": 2.5}, "single slices"),
        ("body", {"dims": 2.5, "slices": 4}, "odd"),
        ("body", {"dims": 3, "triplanar": True}, "2.5"),
    ],
)
def test_what_cannot_be_is_told(words, data, wanted, told):
    with pytest.raises(UsageError, match=told):
        plan_of(words, data, **wanted)


def test_what_a_person_fixes_is_kept(words):
    plan = plan_of(
        words, "body", net="plain_unet", width=12, batch=3, patch=(32, 64, 64), spacing_mm=(3.0, 1.0, 1.0)
    )  # fmt: skip
    (stage,) = plan.stages
    assert (stage.net.name, stage.batch, stage.patch, stage.spacing_mm) == (
        "plain_unet",
        3,
        (32, 64, 64),
        (3.0, 1.0, 1.0),
    )
    assert stage.net.options["widths"][0] == 12
    reasons = {r.decision: r for r in plan.reasons}
    assert reasons["spacing"].why == "asked for"


def test_masked_scans_are_cropped(words):
    finger = words.finger([words.case((40, 40, 40), (1.0, 1.0, 1.0), crop_shape=(30, 30, 30))])
    plan = make_plan(finger, words.labels, PlanConfig(), PLENTY)
    assert plan.crop == "nonzero"
    assert plan.normalisers[0].name == "zscore_nonzero"


@pytest.mark.parametrize("data", DATA)
def test_too_little_memory_is_told_with_what_would_do(words, data):
    with pytest.raises(BudgetError) as told:
        plan_of(words, data, Budget(memory_bytes=GIB // 2))
    assert "at least" in told.value.expected
    assert "--memory" in told.value.fix


def test_an_unknown_planner_is_named(words):
    with pytest.raises(UnknownNameError, match="standart"):
        plan_of(words, "heart", planner="standart")


def test_memory_counts_what_the_store_keeps_and_the_largest_case(words):
    def memory_of(cases):
        wanted = PlanConfig(patch=(32, 32, 32), width=8, batch=2)
        return make_plan(words.finger(cases), words.labels, wanted, PLENTY).memory_bytes

    shape = (40, 50, 40)
    few = [words.case(shape, (1.0, 1.0, 1.0))] * 3
    kept = store_bytes([prod(shape)] * 30, 1) - store_bytes([prod(shape)] * 3, 1)
    assert kept > 0 and memory_of(few * 10) - memory_of(few) == kept
    large = words.case((900, 900, 900), (1.0, 1.0, 1.0))
    assert memory_of([*few, large]) - memory_of(few) > 4 * 900**3


@pytest.mark.parametrize("data", DATA)
def test_more_memory_never_gives_a_smaller_network(words, data):
    least = {"body": 2.0}.get(data, 1.2)
    plans = [plan_of(words, data, Budget(memory_bytes=int(least * g * GIB))) for g in (1, 1.5, 2, 3, 4, 8, 16)]
    sizes = [words.cost(p) / p.stages[0].batch for p in plans]
    assert all(a <= b for a, b in pairwise(sizes))
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("flops_per_s", [1e10, 1e11])
def test_more_time_never_gives_a_smaller_network(words, data, flops_per_s):
    def speed(plan):
        return words.cost(plan) / flops_per_s

    times = (30, 120, 600, 1800, 7200, 86400)
    plans = [plan_of(words, data, Budget(64 * GIB, seconds, speed)) for seconds in times]
    sizes = [words.cost(p) / p.stages[0].batch for p in plans]
    assert all(a <= b for a, b in pairwise(sizes))
    assert sizes[0] < sizes[-1]


def test_the_time_is_kept_where_any_network_can(words):
    seconds = 1200.0
    plan = plan_of(words, "body", Budget(64 * GIB, seconds, lambda p: words.cost(p) / 1e11))
    steps = seconds / (words.cost(plan) / 1e11)
    assert steps >= 60 * seconds**0.5
    assert f"{round(steps)} steps" in next(r.why for r in plan.reasons if r.decision == "network")


def test_smaller_activations_allow_larger_networks(words):
    sizes = [words.cost(plan_of(words, "body", Budget(3 * GIB, value_bytes=n))) for n in (2, 4)]
    assert sizes[0] > sizes[1]


@pytest.mark.parametrize("data", DATA)
def test_every_decision_has_its_value_and_its_reason(words, data):
    plan = plan_of(words, data)
    told = {r.decision for r in plan.reasons}
    assert {"dims", "spacing", "mirroring", "patch", "network", "batch", "memory"} <= told
    assert {f"normaliser of {c}" for c in plan.channels} <= told
    assert all(r.value and r.why for r in plan.reasons)


@pytest.mark.parametrize("data", DATA)
def test_a_plan_comes_back_from_json(words, data, tmp_path):
    plan = plan_of(words, data)
    plan.save(tmp_path / "plan.json")
    again = Plan.load(tmp_path / "plan.json")
    assert again.model_dump_json() == plan.model_dump_json()
    assert again.stages[0].patch == plan.stages[0].patch
