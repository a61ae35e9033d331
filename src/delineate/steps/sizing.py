"""What networks cost: what the planner must know of one whose size it does not choose, and the price of a stage."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from delineate.config import PlanConfig

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.core.price import Price
    from delineate.plan.plan import Plan, Stage
    from delineate.plan.planner import FixedNet


def fixed_net(wanted: PlanConfig) -> FixedNet | None:
    """The dims, stride and prices of the network asked for; None for one the planner sizes.

    Raises:
        UnknownNameError: no such network.
    """
    from delineate.nets.net import NETS
    from delineate.nets.pricing import Pricer
    from delineate.plan.planner import SIZED_NETS, FixedNet

    net = NETS[wanted.net]
    if net.name in SIZED_NETS:
        return None
    options = dict(wanted.net_options)

    @lru_cache
    def pricer(dims: int, inputs: int, outputs: int) -> Pricer:
        return Pricer(net.name, dims, inputs, outputs, options)

    @lru_cache
    def price(dims: int, inputs: int, outputs: int, patch: tuple[int, ...]) -> Price:
        return pricer(dims, inputs, outputs)(patch)

    def of(plan: Plan, stage: Stage) -> Price:
        return price(plan.dims, plan.inputs, plan.labels.channels, stage.patch)

    return FixedNet(net.card.dims, net.card.stride or 1, of, net.card.flat_only, tuple(net.options))


def price_of(plan: Plan, stage: Stage) -> Price:
    """The price of the network of a stage at the stage's own patch, batch 1."""
    from delineate.nets.pricing import Pricer

    return Pricer(stage.net.name, plan.dims, plan.inputs, plan.labels.channels, stage.net.options)(stage.patch)
