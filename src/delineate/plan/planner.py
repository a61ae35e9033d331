"""The registry of planners, and `make_plan`, the question they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from delineate.config import PlanConfig
from delineate.core.labels import Labels
from delineate.core.price import Price
from delineate.core.registry import Registry
from delineate.dataset.fingerprint import Fingerprint
from delineate.plan.plan import Plan, Stage

SIZED_NETS = ("plain_unet", "resenc_unet")
"""The networks whose depth, widths, strides and kernels the planner chooses."""

Speed = Callable[[Plan], float]
"""Seconds one training step of a plan takes on this machine, measured."""


@dataclass(frozen=True)
class FixedNet:
    """A network whose size the planner does not choose: the ``dims`` it has (and why no more), the total ``stride``
    its patches are multiples of, its ``price`` for a plan with a stage, and the names of its ``options``."""

    dims: tuple[int, ...]
    stride: int
    price: Callable[[Plan, Stage], Price]
    why_not: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Budget:
    """What the plan may cost. ``seconds`` of pure training; None for no limit. ``speed`` times a step of a plan; None
    where the time does not matter. ``value_bytes`` is the size of an activation (2 under bfloat16). Up to
    ``most_networks`` folds may share the seconds. ``fixed`` describes the network unless it is one of `SIZED_NETS`."""

    memory_bytes: int
    seconds: float | None = None
    speed: Speed | None = None
    value_bytes: int = 4
    most_networks: int = 1
    fixed: FixedNet | None = None


Planner = Callable[[Fingerprint, Labels, PlanConfig, Budget], Plan]

PLANNERS: Registry[Planner] = Registry("planner", "delineate.plan.planners")


def make_plan(finger: Fingerprint, labels: Labels, wanted: PlanConfig, budget: Budget) -> Plan:
    """Decide spacing, patch, batch and network for a data set within a budget.

    Raises:
        BudgetError: not even the smallest network fits.
        UnknownNameError: no such planner.
    """
    return PLANNERS[wanted.planner](finger, labels, wanted, budget)
