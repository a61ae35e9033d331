"""`Candidate`: a network that could be trained, with what it costs; and the ladder of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from delineate.config import PlanConfig
from delineate.core.errors import BudgetError
from delineate.core.price import Price, price_unet
from delineate.core.units import show_memory
from delineate.dataset.fingerprint import Fingerprint
from delineate.plan.budget import (
    RESERVE,
    forward_bytes,
    predict_bytes,
    slab_bytes,
    store_bytes,
    store_limit,
    train_bytes,
    windows_at_once,
)
from delineate.plan.plan import NetPlan, Plan, Stage
from delineate.plan.planner import Budget
from delineate.plan.spacing import median_shape, prepared_voxels
from delineate.plan.topology import choose_topology, fit_patch

# widths are multiples of 8: on a CPU, convolutions of 12 channels take longer than those of 16
_LADDER_3D = (
    (32, 128**3), (32, 112**3), (32, 96**3), (24, 96**3), (24, 80**3), (16, 80**3), (16, 72**3),
    (16, 64**3), (16, 56**3), (16, 48**3), (8, 48**3), (8, 40**3), (8, 32**3),
)  # fmt: skip
_LADDER_2D = (
    (64, 512**2), (48, 512**2), (32, 512**2), (32, 384**2), (32, 256**2), (24, 256**2), (16, 256**2),
    (16, 192**2), (16, 128**2), (8, 128**2), (8, 64**2),
)  # fmt: skip
_STEP_VOXELS = {2: 640 * 1024, 3: 180 * 1024}
_MAX_WIDTH = {2: 512, 3: 320}
_DEEP_SUPERVISION_HEADS = 3


@dataclass(frozen=True)
class Candidate:
    """One network with its patch and batch, its price and the memory a run with it is expected to take."""

    stage: Stage
    price: Price
    memory_bytes: int

    @property
    def cost(self) -> float:
        """Multiply-adds of a step's forward pass."""
        return self.price.flops * self.stage.batch


def candidates(base: Plan, finger: Fingerprint, wanted: PlanConfig, budget: Budget) -> Iterator[Candidate]:
    """Networks from the largest to the smallest, duplicates (a patch as large as the scans) left out."""
    spacing = base.stages[0].spacing_mm[3 - base.dims :]
    shape = median_shape(finger, base.axes, base.stages[0].spacing_mm)[3 - base.dims :]
    sizes = prepared_voxels(finger, base.axes, base.stages[0].spacing_mm)
    largest, outputs = int(sizes.max()), base.labels.channels
    depth = median_shape(finger, base.axes, base.stages[0].spacing_mm)[0]
    kept = store_bytes(int(sizes.sum()), len(base.channels), store_limit(budget.memory_bytes))
    seen = set()
    for width, voxels in _LADDER_3D if base.dims == 3 else _LADDER_2D:
        patch = wanted.patch or fit_patch(shape, spacing, voxels)
        width = wanted.width or width
        if (width, patch) in seen:
            continue
        seen.add((width, patch))
        stage, price = _price(base, spacing, patch, width, wanted)
        training = train_bytes(
            price.parameters, price.activations, stage.batch, budget.value_bytes, outputs * prod(patch)
        )
        predicting = predict_bytes(
            price.parameters, largest, len(base.channels), outputs if len(base.planes) > 1 else 0
        )
        predicting += forward_bytes(stage, outputs, windows_at_once(patch), budget.value_bytes)
        predicting += slab_bytes((depth, largest // depth), patch, outputs)
        yield Candidate(stage, price, kept + max(training, predicting))


def _price(
    base: Plan, spacing: tuple[float, ...], patch: tuple[int, ...], width: int, wanted: PlanConfig
) -> tuple[Stage, Price]:
    topology = choose_topology(patch, spacing)
    stages = topology.stages
    residual = wanted.net == "resenc_unet"
    options: dict[str, Any] = {
        "widths": tuple(min(width * 2**i, _MAX_WIDTH[base.dims]) for i in range(stages)),
        "strides": topology.strides,
        "kernels": topology.kernels,
        "blocks": tuple(1 if i == 0 else 2 for i in range(stages)) if residual else (2,) * stages,
        "decoder_blocks": (1 if residual else 2,) * (stages - 1),
    }
    price = price_unet(
        dims=base.dims, patch=patch, in_channels=base.inputs, out_channels=base.labels.channels,
        residual=residual, **options,
    )  # fmt: skip
    batch = wanted.batch or min(max(round(_STEP_VOXELS[base.dims] / prod(patch)), 2), 16)
    heads = max(1, min(_DEEP_SUPERVISION_HEADS, stages - 2)) if wanted.deep_supervision else 1
    net = NetPlan(name=wanted.net, options={**options, "deep_supervision": heads})
    stage = Stage(name="full", spacing_mm=base.stages[0].spacing_mm, patch=patch, batch=batch, net=net)
    return stage, price


def within_memory(candidates: list[Candidate], budget: Budget) -> list[Candidate]:
    """Those that fit.

    Raises:
        BudgetError: none does.
    """
    fitting = [c for c in candidates if c.memory_bytes <= RESERVE * budget.memory_bytes]
    if not fitting:
        least = min(c.memory_bytes for c in candidates)
        raise BudgetError(
            f"no network fits {show_memory(budget.memory_bytes)}",
            f"at least {show_memory(least / RESERVE)}",
            "give more with --memory, coarsen with --set plan.spacing_mm=[3,3,3], or set plan.patch or plan.batch",
        )
    return fitting
