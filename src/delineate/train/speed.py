"""`StepTimer`: how long a training step of a plan takes here, and in which precision it is faster."""

from __future__ import annotations

from collections.abc import Callable

import torch

from delineate.core.memory import release_freed_memory
from delineate.losses.loss import build_loss
from delineate.nets.net import auxiliaries_of, build_net
from delineate.plan.plan import Plan, Stage
from delineate.train.device import choose_precision, has_bf16, make_fabric, time_step

_OVERHEAD = 1.08
"""Optimiser, average, loading and augmentation beside the forward and backward pass (measured on small networks)."""


_SMALL_EDGE = {2: 128, 3: 32}


class StepTimer:
    """Times steps of plans on random data. The precision is settled at the first question and kept."""

    def __init__(self, device: torch.device, precision: str, loss: str) -> None:
        self.device, self._wanted, self._loss = device, precision, loss
        self._seconds: dict[str, float] = {}
        self.precision = "" if precision == "auto" else precision

    @property
    def value_bytes(self) -> int:
        """Bytes of an activation in the precision training will use, or most likely use while it is not settled."""
        return 2 if self.precision == "bf16" or (not self.precision and has_bf16(self.device)) else 4

    def planned(self, make: Callable[[], Plan]) -> Plan:
        """The plan that ``make`` gives. It is made again where the precision that it counted on turns out to be the
        slower one: the numbers of the other are larger."""
        counted = self.value_bytes
        plan = make()
        self._settle(plan)
        return plan if self.value_bytes == counted else make()

    def __call__(self, plan: Plan) -> float:
        """Seconds per step of the plan's last stage."""
        stage = plan.stages[-1]
        key = stage.model_dump_json()
        self._settle(plan)
        if key not in self._seconds:
            self._seconds[key] = self._time(plan, stage, self.precision) * _OVERHEAD
        return self._seconds[key]

    def _settle(self, plan: Plan) -> None:
        if not self.precision:
            small = _small(plan.stages[-1])
            self.precision = choose_precision(self._wanted, self.device, lambda p: self._time(plan, small, p))

    def _time(self, plan: Plan, stage: Stage, precision: str) -> float:
        fabric = make_fabric(self.device, precision)
        net = build_net(stage.net.name, plan.dims, plan.inputs, plan.labels.channels, stage.net.options)
        loss = build_loss(plan.labels, self._loss, auxiliaries_of(net))
        generator = torch.Generator().manual_seed(0)
        image = torch.randn((stage.batch, plan.inputs, *stage.patch), generator=generator)
        label = torch.randint(0, len(plan.labels.file_values), (stage.batch, *stage.patch), generator=generator)
        try:
            return time_step(
                fabric, net.to(self.device), loss.to(self.device), image.to(self.device), label.to(self.device)
            )
        finally:
            release_freed_memory()  # training asks for other pieces, and would not find its place between these


def _small(stage: Stage) -> Stage:
    """The stage on a small part of its batch, which tells the precisions apart: all of it would take twice the planned
    memory in float32."""
    edge = _SMALL_EDGE[len(stage.patch)]
    return stage.model_copy(update={"patch": tuple(min(n, edge) for n in stage.patch), "batch": min(stage.batch, 2)})
