from __future__ import annotations

from dataclasses import replace
from math import prod

import pytest

from delineate.config import PlanConfig
from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.core.price import Price
from delineate.plan.ladder import FIXED, SIZED, Rung, multiple_patch
from delineate.plan.planner import Budget, FixedNet, make_plan

GIB = 2**30


@pytest.mark.parametrize("dims", [2, 3])
def test_rungs_go_down(dims):
    assert [r.voxels for r in SIZED[dims]] == sorted((r.voxels for r in SIZED[dims]), reverse=True)
    assert all(r.width and r.width % 8 == 0 for r in SIZED[dims])
    assert len(set(FIXED[dims])) == len(FIXED[dims]) and not any(r.width for r in FIXED[dims])


def test_a_batch_has_about_the_voxels_of_a_step():
    assert Rung(64**3, 2**20).batch((64, 64, 64)) == 4
    assert Rung(64**2, 2**20).batch((64, 64)) == 16, "no more than 16"
    assert Rung(512**2, 2**17).batch((512, 512)) == 2, "no fewer than 2"


@pytest.mark.parametrize(
    ("shape", "voxels", "stride", "patch"),
    [
        ((300, 500), 256**2, 32, (256, 256)),
        ((20, 500), 10**6, 32, (32, 512)),
        ((9, 200, 200), 64**3, 8, (16, 160, 160)),
    ],
)
def test_patches_are_multiples_of_the_stride_and_no_longer_than_needed(shape, voxels, stride, patch):
    assert multiple_patch(shape, (1.0,) * len(shape), voxels, stride) == patch


def fixed(dims=(2, 3), per_voxel=1000, stride=16):
    def price(plan, stage):
        voxels = prod(stage.patch)
        return Price(flops=10**5 * voxels, activations=per_voxel * voxels, parameters=10**6, forward=50 * voxels)

    return FixedNet(dims, stride, price, "slices are all it knows")


def plan_of(words, data, budget, **wanted):
    return make_plan(getattr(words, data)(), words.labels, PlanConfig(net="other", **wanted), budget)


def test_a_network_of_a_fixed_size_gets_a_patch_that_fits_the_memory(words):
    big, small = (plan_of(words, "body", Budget(m * GIB, fixed=fixed())) for m in (64, 2))
    assert prod(big.stages[0].patch) > prod(small.stages[0].patch) >= 16**3
    assert all(p % 16 == 0 for plan in (big, small) for p in plan.stages[0].patch)
    assert small.memory_bytes < 2 * GIB and big.stages[0].net.options == {}


def test_a_slow_network_sees_smaller_patches_and_batches(words):
    def speed(plan):
        return plan.stages[0].batch * prod(plan.stages[0].patch) * 1e-6

    slow, slower = (plan_of(words, "pictures", Budget(64 * GIB, s, speed, fixed=fixed())) for s in (3600, 60))
    assert prod(slower.stages[0].patch) * slower.stages[0].batch < prod(slow.stages[0].patch) * slow.stages[0].batch


def test_a_flat_network_slices_volumes_and_says_why(words):
    plan = plan_of(words, "body", Budget(64 * GIB, fixed=fixed(dims=(2,))), net_options={"backbone": "small"})
    assert plan.dims == 2 and plan.stages[0].net.options == {"backbone": "small"}
    assert "slices are all it knows" in next(r.why for r in plan.reasons if r.decision == "dims")
    assert "backbone=small" in next(r.value for r in plan.reasons if r.decision == "network")


@pytest.mark.parametrize(
    ("data", "dims", "wanted", "told"),
    [
        ("body", (2,), {"dims": 3}, "in 3D"),
        ("pictures", (3,), {}, "in 2D"),
        ("body", (3,), {"patch": (8, 64, 64)}, "divides every axis by 16"),
        ("body", (3,), {"width": 16}, "whose width the planner chooses"),
        ("body", (3,), {"size": "S"}, "whose width the planner chooses"),
    ],
)
def test_what_a_network_cannot_do_is_told(words, data, dims, wanted, told):
    with pytest.raises(UsageError, match=told):
        plan_of(words, data, Budget(64 * GIB, fixed=fixed(dims=dims)), **wanted)


@pytest.mark.parametrize("options", [(), ("background",)])
def test_a_network_that_asks_is_told_of_regions(words, options):
    regions = Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2))
    budget = Budget(64 * GIB, fixed=replace(fixed(), options=options))
    for labels, expected in ((regions, {"background": False} if options else {}), (words.labels, {})):
        plan = make_plan(words.body(), labels, PlanConfig(net="other"), budget)
        assert plan.stages[0].net.options == expected


@pytest.mark.parametrize(
    ("data", "wanted", "width"),
    [
        ("body", {"size": "S"}, 16),
        ("body", {"size": "L"}, 48),
        ("pictures", {"size": "M"}, 64),
        ("body", {"size": "L", "width": 24}, 24),
    ],
)
def test_a_size_is_a_width_by_a_letter(words, data, wanted, width):
    plan = make_plan(getattr(words, data)(), words.labels, PlanConfig(**wanted), Budget(256 * GIB))
    assert plan.stages[0].net.options["widths"][0] == width
