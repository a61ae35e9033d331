"""From the data to the plan: what the steps of this machine take decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from delineate.config import load_config
from delineate.core.memory import MemoryWatch
from delineate.core.run import RunFolder
from delineate.plan.plan import Plan
from delineate.steps.groundwork import Groundwork
from delineate.steps.sitting import Sitting


class Stopwatch:
    """A machine on which a step takes ``seconds_per_feature`` for each feature of the first stage."""

    value_bytes = 4

    def __init__(self, seconds_per_feature: float) -> None:
        self.seconds_per_feature, self.asked = seconds_per_feature, list[Plan]()

    def planned(self, make):
        return make()

    def __call__(self, plan: Plan) -> float:
        self.asked.append(plan)
        return self.seconds_per_feature * plan.stages[-1].net.options["widths"][0]


@pytest.fixture
def planned(balls, tmp_path):
    """``planned(timer, **flags)`` is the plan for balls on that machine."""

    def make(timer: Stopwatch, **flags: str) -> Plan:
        import time

        run = RunFolder(tmp_path / f"run{len(list(tmp_path.iterdir()))}")
        run.begin()
        with MemoryWatch() as watch:
            sitting = Sitting(time.monotonic(), watch, 2**33, 0.0)
            ground = Groundwork(run, load_config(**flags), sitting, lambda *_: None)
            with sitting.phase("check"):
                _, labels = ground.check(Path(balls))
            return ground.plan(labels, timer)

    return make


def test_steps_are_timed_here_before_the_network_is_chosen(planned):
    quick, slow = Stopwatch(1e-4), Stopwatch(3e-2)
    large, small = planned(quick, time="10min"), planned(slow, time="10min")
    assert quick.asked and slow.asked
    assert large.stages[-1].net.options["widths"][0] > small.stages[-1].net.options["widths"][0]
    assert "steps" in next(r.why for r in small.reasons if r.decision == "network")


def test_more_time_gives_a_larger_network(planned):
    short, long = (planned(Stopwatch(3e-2), time=asked) for asked in ("1min", "24h"))
    assert short.stages[-1].net.options["widths"][0] < long.stages[-1].net.options["widths"][0]


def test_without_a_time_nothing_is_timed(planned):
    timer = Stopwatch(1.0)
    planned(timer, time="none")
    assert timer.asked == []
