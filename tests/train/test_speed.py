from __future__ import annotations

import pytest
import torch

from delineate.core.labels import Labels
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.train import speed
from delineate.train.speed import StepTimer

CPU = torch.device("cpu")


def plan_of(width: int) -> Plan:
    options = {
        "widths": (width, 2 * width), "strides": ((1, 1), (2, 2)), "kernels": ((3, 3), (3, 3)),
        "blocks": (1, 1), "decoder_blocks": (1,), "deep_supervision": 1,
    }  # fmt: skip
    net = NetPlan(name="plain_unet", options=options)
    return Plan(
        dims=2, axes=(0, 1, 2), channels=("grey",), labels=Labels.exclusive({1: "disc"}),
        normalisers=(Normaliser(name="scale"),),
        stages=(Stage(name="full", spacing_mm=(1, 1, 1), patch=(16, 16), batch=2, net=net),),
        mirror_axes=(), anisotropic=False, crop="none", memory_bytes=1, reasons=(),
    )  # fmt: skip


@pytest.fixture
def timed(monkeypatch):
    """Precisions of the steps timed; bfloat16 takes half as long."""
    seen = []

    def fake(self, plan, stage, precision):
        seen.append(precision)
        return {"bf16": 0.5, "fp32": 1.0}[precision]

    monkeypatch.setattr(StepTimer, "_time", fake)
    return seen


def test_a_plan_is_timed_once(timed):
    timer = StepTimer(CPU, "fp32", "dice_ce")
    first = timer(plan_of(4))
    assert first == timer(plan_of(4)) > 1.0  # the pass and what surrounds it
    timer(plan_of(8))
    assert timed == ["fp32", "fp32"]


@pytest.mark.parametrize(("native", "settled"), [(True, "bf16"), (False, "fp32")])
def test_precision_is_settled_by_the_first_plan(timed, monkeypatch, native, settled):
    monkeypatch.setattr("delineate.train.device.has_bf16", lambda device: native)
    monkeypatch.setattr(speed, "has_bf16", lambda device: native)
    timer = StepTimer(CPU, "auto", "dice_ce")
    assert timer.precision == ""
    timer(plan_of(4))
    assert timer.precision == settled
    assert timer.value_bytes == (2 if native else 4)
    before = len(timed)
    timer(plan_of(8))
    assert timed[before:] == [settled]


def test_precision_is_settled_on_a_small_part_of_the_batch(monkeypatch):
    """In float32 the whole would take twice the memory that was planned."""
    seen = []

    def fake(self, plan, stage, precision):
        seen.append((precision, stage.patch, stage.batch))
        return {"bf16": 3.0, "fp32": 1.0}[precision]

    monkeypatch.setattr(StepTimer, "_time", fake)
    monkeypatch.setattr("delineate.train.device.has_bf16", lambda device: True)
    plan = plan_of(4)
    stage = plan.stages[0].model_copy(update={"patch": (512, 96), "batch": 9})
    StepTimer(CPU, "auto", "dice_ce")(plan.model_copy(update={"stages": (stage,)}))
    assert set(seen[:-1]) == {("bf16", (128, 96), 2), ("fp32", (128, 96), 2)}
    assert seen[-1] == ("fp32", (512, 96), 9)


@pytest.mark.parametrize(("faster", "plans"), [("bf16", [2]), ("fp32", [2, 4])])
def test_a_plan_is_made_again_where_its_numbers_turn_out_larger(monkeypatch, faster, plans):
    monkeypatch.setattr(StepTimer, "_time", lambda self, plan, stage, p: 1.0 if p == faster else 2.0)
    monkeypatch.setattr("delineate.train.device.has_bf16", lambda device: True)
    monkeypatch.setattr(speed, "has_bf16", lambda device: True)
    timer, sizes = StepTimer(CPU, "auto", "dice_ce"), []

    def make():
        sizes.append(timer.value_bytes)
        return plan_of(4 * len(sizes))

    assert timer.planned(make) == plan_of(4 * len(plans))
    assert sizes == plans and timer.precision == faster


def test_a_real_step_takes_time_and_leaves_no_gradient():
    assert 0 < StepTimer(CPU, "fp32", "dice_ce")(plan_of(4)) < 60
