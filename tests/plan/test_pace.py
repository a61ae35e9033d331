from __future__ import annotations

import pytest

from delineate.plan.candidate import candidates
from delineate.plan.planner import Budget, make_plan

GIB = 2**30


def plan_of(words, seconds, most, flops_per_s=1e11, cases=1):
    finger = words.hippocampus()
    finger = finger.model_copy(update={"cases": finger.cases * cases})
    budget = Budget(8 * GIB, seconds, lambda p: words.cost(p) / flops_per_s, most_networks=most)
    return make_plan(finger, words.labels, words.wanted(), budget)


def reason(plan, decision):
    return next((r for r in plan.reasons if r.decision == decision), None)


def test_a_little_data_seen_often_gives_several_networks(words):
    plan = plan_of(words, 3600.0, 5)
    assert plan.networks == 5
    assert "times" in reason(plan, "networks").why
    alone = plan_of(words, 720.0, 1)
    assert plan.stages == alone.stages  # each is what its share of the time would have given


def test_a_network_needs_minutes_of_its_own(words):
    assert plan_of(words, 1500.0, 5).networks == 2
    assert plan_of(words, 1400.0, 5).networks == 1


def test_much_data_is_better_seen_by_one(words):
    plan = plan_of(words, 3600.0, 5, cases=2000)
    assert plan.networks == 1 and reason(plan, "networks") is None


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_than_there_may_be(words, most):
    assert plan_of(words, 36000.0, most).networks == most


def test_a_network_that_is_only_timed_has_no_moments_and_no_average(words):
    finger, timed = words.hippocampus(), []

    def speed(plan):
        timed.append(plan.stages[0].model_dump_json())
        return words.cost(plan) / 1e11

    budget = Budget(64 * GIB, 600.0, speed)
    plan = make_plan(finger, words.labels, words.wanted(width=None), budget)
    of = {c.stage.model_dump_json(): c for c in candidates(plan, finger, words.wanted(), budget)}
    largest = max(of[s].timing_bytes for s in timed)
    assert plan.memory_bytes == max(of[plan.stages[0].model_dump_json()].memory_bytes, largest)
    assert all(c.timing_bytes < c.memory_bytes for c in of.values())


@pytest.mark.parametrize(
    ("seconds", "rate", "width", "wanted"),
    [(150, 1.2e10, 16, 150), (150, 3e10, 16, 150), (150, 6e10, 24, 300), (36, 1.2e10, 16, 36), (36, 3e10, 16, 36)],
)
def test_whole_volumes_want_fewer_steps_of_a_wider_network_in_a_short_run(words, seconds, rate, width, wanted):
    plan = plan_of(words, float(seconds), 1, rate)
    stage, steps = plan.stages[0], seconds * rate / words.cost(plan)
    assert stage.patch == (40, 56, 40) and stage.net.options["widths"][0] == width
    assert wanted <= steps < 60 * seconds**0.5  # of parts of a scan they would be too few
    assert f"{wanted} such a run on whole volumes needs" in reason(plan, "network").why


def test_a_machine_too_slow_for_any_takes_the_cheapest_run(words):
    finger = words.hippocampus()
    budget = Budget(8 * GIB, 150.0, lambda p: words.cost(p) / 1e9)
    plan = make_plan(finger, words.labels, words.wanted(), budget)
    of = list(candidates(plan, finger, words.wanted(), budget))
    assert min(of, key=lambda c: c.cost).stage == plan.stages[0]
    assert of[-1].stage != plan.stages[0]  # small patches, many of them in a step, cost more


@pytest.mark.parametrize(("data", "whole"), [("hippocampus", 4), ("heart", 3), ("pictures", 3), ("body", 0)])
def test_the_patches_that_show_a_whole_scan_are_known(words, data, whole):
    finger = getattr(words, data)()
    plan = make_plan(finger, words.labels, words.wanted(), Budget(64 * GIB))
    of = list(candidates(plan, finger, words.wanted(), Budget(64 * GIB)))
    assert [c.whole for c in of] == [True] * whole + [False] * (len(of) - whole)


def test_whole_slices_are_not_whole_volumes(words):
    rate = 1e10
    budget = Budget(8 * GIB, 150.0, lambda p: words.cost(p) / rate)
    plan = make_plan(words.hippocampus(), words.labels, words.wanted(dims=2), budget)
    assert plan.stages[0].patch == (56, 40) and 150 * rate / words.cost(plan) >= 60 * 150**0.5
