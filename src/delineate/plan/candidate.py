"""`Candidate`: a network that could be trained, with what it costs; and the ladder of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from delineate.config import PlanConfig
from delineate.core.errors import BudgetError, UsageError
from delineate.core.price import Price, price_unet
from delineate.core.units import show_memory
from delineate.dataset.fingerprint import Fingerprint
from delineate.plan.budget import (
    RESERVE,
    TIMED_COPIES,
    TRAINED_COPIES,
    forward_bytes,
    predict_bytes,
    slab_bytes,
    store_bytes,
    store_limit,
    train_bytes,
    windows_at_once,
)
from delineate.plan.ladder import FIXED, PRESETS, SIZED, multiple_patch
from delineate.plan.plan import NetPlan, Plan, Stage
from delineate.plan.planner import SIZED_NETS, Budget
from delineate.plan.spacing import median_shape, prepared_voxels
from delineate.plan.topology import choose_topology, fit_patch

_MAX_WIDTH = {2: 512, 3: 320}
_DEEP_SUPERVISION_HEADS = 3
Edges = tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """One network with its patch and batch, its price, the memory a run with it is expected to take, what timing
    one of its steps takes, before there is anything else in memory, and whether a patch shows a ``whole`` scan, the
    median one."""

    stage: Stage
    price: Price
    memory_bytes: int
    timing_bytes: int
    whole: bool

    @property
    def cost(self) -> float:
        """Multiply-adds of a step's forward pass."""
        return self.price.flops * self.stage.batch


def candidates(base: Plan, finger: Fingerprint, wanted: PlanConfig, budget: Budget) -> Iterator[Candidate]:
    """Networks, patches and batches from the largest to the smallest, duplicates (a patch as large as the scans) left
    out."""
    spacing = base.stages[0].spacing_mm[3 - base.dims :]
    shape = median_shape(finger, base.axes, base.stages[0].spacing_mm)
    sizes = prepared_voxels(finger, base.axes, base.stages[0].spacing_mm)
    limit, id_bytes = store_limit(budget.memory_bytes), base.labels.dtype.itemsize
    kept = store_bytes(sizes.tolist(), len(base.channels), limit, id_bytes)
    stages = _sized_stages if budget.fixed is None else _fixed_stages
    seen = set()
    seen_shape = shape[3 - base.dims :]
    for stage in stages(base, seen_shape, spacing, wanted, budget):
        key = stage.model_dump_json()
        if key not in seen:
            seen.add(key)
            price = _price_unet(base, stage) if budget.fixed is None else budget.fixed.price(base, stage)
            training, timing = (_train_bytes(base, stage, price, budget, n) for n in (TRAINED_COPIES, TIMED_COPIES))
            predicting = _predict_bytes(base, stage, price, budget, shape, sizes)
            whole = all(p >= n for p, n in zip(stage.patch, seen_shape, strict=True))
            yield Candidate(stage, price, kept + max(training, predicting), timing, whole)


def _sized_stages(
    base: Plan, shape: Edges, spacing: tuple[float, ...], wanted: PlanConfig, budget: Budget
) -> Iterator[Stage]:
    """U-Nets with the topology their patch asks for."""
    asked = wanted.width or (PRESETS[base.dims][wanted.size] if wanted.size else None)
    for rung in SIZED[base.dims]:
        patch = wanted.patch or fit_patch(shape, spacing, rung.voxels)
        net = _unet(base, spacing, patch, asked or rung.width, wanted)
        yield _stage(base, patch, wanted.batch or rung.batch(patch), net)


def _fixed_stages(
    base: Plan, shape: Edges, spacing: tuple[float, ...], wanted: PlanConfig, budget: Budget
) -> Iterator[Stage]:
    """One network on patches and batches of several sizes, those with the most voxels first.

    Raises:
        UsageError: the patch asked for is shorter than the network's stride, or a width was asked for.
    """
    assert budget.fixed is not None
    stride = budget.fixed.stride
    if wanted.width or wanted.size:
        raise UsageError(
            f"plan.width or plan.size for the network {wanted.net!r}",
            "one of " + ", ".join(SIZED_NETS) + ", whose width the planner chooses",
            "leave it out; options of this network are set with plan.net_options",
        )
    if wanted.patch and min(wanted.patch) < stride:
        raise UsageError(
            f"a patch of {'x'.join(map(str, wanted.patch))} for the network {wanted.net!r}",
            f"edges of {stride} or more: it divides every axis by {stride}",
            "set plan.patch larger, or choose another network",
        )
    # regions overlap, so no channel is the background; some networks need to know
    told = {"background": False} if base.labels.regions and "background" in budget.fixed.options else {}
    net = NetPlan(name=wanted.net, options={**told, **wanted.net_options})
    sizes = set()
    for rung in FIXED[base.dims]:
        patch = wanted.patch or multiple_patch(shape, spacing, rung.voxels, stride)
        sizes.add((wanted.batch or rung.batch(patch), patch))
    for batch, patch in sorted(sizes, key=lambda s: (s[0] * prod(s[1]), prod(s[1])), reverse=True):
        yield _stage(base, patch, batch, net)


def _stage(base: Plan, patch: Edges, batch: int, net: NetPlan) -> Stage:
    return Stage(name="full", spacing_mm=base.stages[0].spacing_mm, patch=patch, batch=batch, net=net)


def _unet(base: Plan, spacing: tuple[float, ...], patch: Edges, width: int, wanted: PlanConfig) -> NetPlan:
    topology = choose_topology(patch, spacing)
    stages = topology.stages
    residual = wanted.net == "resenc_unet"
    options: dict[str, Any] = {
        "widths": tuple(min(width * 2**i, _MAX_WIDTH[base.dims]) for i in range(stages)),
        "strides": topology.strides,
        "kernels": topology.kernels,
        "blocks": tuple(1 if i == 0 else 2 for i in range(stages)) if residual else (2,) * stages,
        "decoder_blocks": (1 if residual else 2,) * (stages - 1),
        "deep_supervision": max(1, min(_DEEP_SUPERVISION_HEADS, stages - 2)) if wanted.deep_supervision else 1,
    }
    return NetPlan(name=wanted.net, options={**options, **wanted.net_options})


def _price_unet(base: Plan, stage: Stage) -> Price:
    options = {k: v for k, v in stage.net.options.items() if k != "deep_supervision"}
    return price_unet(
        dims=base.dims, patch=stage.patch, in_channels=base.inputs, out_channels=base.labels.channels,
        residual=stage.net.name == "resenc_unet", **options,
    )  # fmt: skip


def _train_bytes(base: Plan, stage: Stage, price: Price, budget: Budget, copies: int) -> int:
    logits = base.labels.channels * prod(stage.patch)
    return train_bytes(price.parameters, price.activations, stage.batch, budget.value_bytes, logits, copies)


def _predict_bytes(base: Plan, stage: Stage, price: Price, budget: Budget, shape: Edges, sizes: Any) -> int:
    """Of the largest case."""
    largest, outputs, depth = int(sizes.max()), base.labels.channels, shape[0]
    whole = outputs if len(base.planes) > 1 else 0
    windows = windows_at_once(stage.patch)
    predicting = predict_bytes(price.parameters, largest, len(base.channels), whole)
    predicting += forward_bytes(stage, outputs, windows, budget.value_bytes, price.forward)
    return predicting + slab_bytes((depth, largest // depth), stage.patch, outputs)


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
