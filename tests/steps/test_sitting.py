from __future__ import annotations

import time

import pytest

from delineate.config import Config, load_config
from delineate.core.memory import MemoryWatch
from delineate.core.run import RunFolder
from delineate.nets.checkpoint import save_checkpoint
from delineate.steps.opening import spent_before_s
from delineate.steps.sitting import Sitting
from delineate.train.schedule import Length
from delineate.train.state import RunState


def sitting(spent_before_s: float) -> Sitting:
    return Sitting(time.monotonic() - 30, MemoryWatch(), 2**33, spent_before_s)


def test_a_resumed_run_has_what_its_earlier_sittings_left(tmp_path):
    run = RunFolder(tmp_path)
    assert spent_before_s(run) == 0
    for fold, seconds in (0, 100.0), (1, 240.0):
        run.fold(fold).mkdir(parents=True)
        state = RunState(step=1, length=Length.of(2), spent_s=seconds)
        card = {"state": state.model_dump(mode="json"), "precision": "fp32"}
        save_checkpoint(run.fold(fold) / "last", {}, card)
    assert spent_before_s(run) == 240  # counted over the whole run by every fold
    left = sitting(spent_before_s(run)).left_s(load_config(time="10min"))
    assert left == pytest.approx(600 - 240 - 30, abs=5)


@pytest.mark.parametrize("config", [load_config(sets=["train.steps=9"], time="10min"), Config(time=None)])
def test_steps_or_no_limit_leave_no_deadline(config):
    assert sitting(1e6).left_s(config) is None


def test_phases_met_again_are_added_up():
    here = sitting(0)
    for _ in range(2):
        with here.phase("check"):
            time.sleep(0.01)
    assert 0.02 <= here.timings_s["check"] < 5
