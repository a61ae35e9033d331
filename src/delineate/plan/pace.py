"""The largest network, and how many of them, that the minutes allow: timed, not assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, prod

from delineate.core.units import show_time
from delineate.plan.budget import steps_wanted
from delineate.plan.candidate import Candidate
from delineate.plan.plan import Plan
from delineate.plan.planner import Budget, Speed

_PROBE_COST = 3e9
"""Multiply-adds per forward pass of the candidate that is timed first: a second or less on any machine."""
_HOPEFUL = 2.5
"""A network that arithmetic finds too slow by less than this factor is timed all the same: narrow ones reach half the
speed of wide ones."""
_PASSES = 35
_LEAST_S = 720.0
"""A further network is trained once each can see every voxel so often and has so much time: fewer that learned for
longer are better than more (see benchmarks/results/hippocampus.md)."""

_VOLUMES_PER_S = 2.0
"""Whole volumes show a network everything at once: in a short run fewer steps do."""
_NARROW, _NARROW_PER_S, _NARROW_FEWEST = 16, 1.0, 30
"""Still fewer are better than a network whose first stage has not even so many channels, and a few dozen are better
than a hundred of it (all were measured, see benchmarks/results/hippocampus.md)."""


@dataclass(frozen=True)
class Pace:
    """The network that was chosen, how many of it are trained, and why.

    ``memory_bytes`` counts what timing larger networks took on the way: the run's peak knows it too.
    ``passes`` is how often each network goes through all voxels; infinite without a time limit.
    """

    candidate: Candidate
    why: str
    memory_bytes: int
    networks: int = 1
    why_networks: str = "no time limit was given"
    passes: float = inf


def choose_pace(base: Plan, fitting: Sequence[Candidate], budget: Budget, data_voxels: float) -> Pace:
    """The costliest of ``fitting`` that still gets its steps; several of a smaller one where each still sees
    the ``data_voxels`` often enough: the folds' networks answer together, which helps more than size by then."""
    if budget.speed is None or budget.seconds is None:
        why = "the largest that fits the memory; no time limit was given"
        return Pace(fitting[0], why, fitting[0].memory_bytes)
    stopwatch = _Stopwatch(base, budget.speed)
    for networks in range(budget.most_networks, 0, -1):
        each_s = budget.seconds / networks
        if networks > 1 and each_s < _LEAST_S:
            continue
        chosen, step_s = _within(fitting, each_s, stopwatch)
        seen = _passes(chosen, each_s / step_s, data_voxels)
        if seen >= _PASSES:
            break
    wanted = f"{_wanted(chosen, each_s)} such a run{' on whole volumes' if _volumes(chosen) else ''} needs"
    why = (
        f"a step takes {step_s:.3f} s here, so {show_time(each_s)} hold {round(each_s / step_s)} steps; "
        f"a larger network would get fewer than the {wanted}"
    )
    why_networks = f"each sees every voxel about {seen:.3g} times; {_PASSES} are enough"
    memory = max(chosen.memory_bytes, stopwatch.memory_bytes)
    return Pace(chosen, why, memory, networks, why_networks, seen)


@dataclass
class _Stopwatch:
    """Times a step of a candidate and remembers the memory that the largest of them took for it."""

    base: Plan
    speed: Speed
    memory_bytes: int = 0

    def __call__(self, candidate: Candidate) -> float:
        self.memory_bytes = max(self.memory_bytes, candidate.timing_bytes)
        return self.speed(self.base.model_copy(update={"stages": (candidate.stage,)}))


def _within(fitting: Sequence[Candidate], seconds: float, speed: _Stopwatch) -> tuple[Candidate, float]:
    """The costliest that gets its steps, with the seconds of one: a network is timed, the others are scaled by their
    arithmetic, and the choice is timed again because small networks reach a smaller share of the machine's speed; for
    the same reason the next larger ones are tried until one is too slow."""
    fitting = _worthwhile(fitting, seconds)
    chosen = min(fitting, key=lambda c: abs(c.cost - _PROBE_COST))
    step_s = speed(chosen)
    for _ in range(3):
        rate = chosen.cost / step_s
        better = next((c for c in fitting if c.cost / rate <= _limit(c, seconds)), fitting[-1])
        if better is chosen:
            break
        chosen, step_s = better, speed(better)
    for larger in reversed(fitting[: fitting.index(chosen)]):
        if larger.cost * step_s / chosen.cost > _HOPEFUL * _limit(larger, seconds):
            break  # nor is memory spent on timing it
        larger_s = speed(larger)
        if larger_s > _limit(larger, seconds):
            break
        chosen, step_s = larger, larger_s
    return chosen, step_s


def _limit(candidate: Candidate, seconds: float) -> float:
    """The seconds a step may take for the run to get the steps it needs."""
    return seconds / _wanted(candidate, seconds)


def _wanted(candidate: Candidate, seconds: float) -> int:
    """The steps that a run needs."""
    if not _volumes(candidate):
        return steps_wanted(seconds)
    narrow = next(iter(candidate.stage.net.options.get("widths", ())), inf) <= _NARROW
    return steps_wanted(seconds, _NARROW_PER_S, _NARROW_FEWEST) if narrow else steps_wanted(seconds, _VOLUMES_PER_S)


def _volumes(candidate: Candidate) -> bool:
    """Whether patches are whole volumes, not slices or parts of them."""
    return candidate.whole and len(candidate.stage.patch) == 3


def _worthwhile(fitting: Sequence[Candidate], seconds: float) -> list[Candidate]:
    """Those whose run costs less than that of every larger one: small patches of many voxels in a step can cost more
    than whole scans do."""
    kept: list[Candidate] = []
    least = inf
    for candidate in fitting:
        run = candidate.cost * _wanted(candidate, seconds)
        if run < least:
            kept.append(candidate)
            least = run
    return kept


def _passes(candidate: Candidate, steps: float, data_voxels: float) -> float:
    """How often so many steps go through all voxels of the data."""
    return steps * candidate.stage.batch * prod(candidate.stage.patch) / max(data_voxels, 1.0)
