"""The standard planner: nnU-Net's rules for spacing, patch and topology (Isensee et al., Nature Methods 2021), then the
largest network whose steps fit the minutes and whose activations fit the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from delineate.config import PlanConfig
from delineate.core.errors import BudgetError
from delineate.core.labels import Labels
from delineate.core.price import Price, price_unet
from delineate.core.units import show_memory, show_time
from delineate.dataset.fingerprint import Fingerprint
from delineate.plan.budget import RESERVE, predict_bytes, steps_wanted, store_bytes, train_bytes
from delineate.plan.intensity import choose_normaliser
from delineate.plan.plan import NetPlan, Plan, Reason, Stage
from delineate.plan.planner import PLANNERS, Budget
from delineate.plan.spacing import choose_axes, median_shape, prepared_voxels, target_spacing
from delineate.plan.topology import choose_topology, fit_patch

_LADDER_3D = (
    (32, 128**3), (32, 112**3), (32, 96**3), (24, 96**3), (24, 80**3), (16, 80**3), (16, 72**3),
    (16, 64**3), (16, 56**3), (16, 48**3), (12, 48**3), (8, 48**3), (8, 40**3), (8, 32**3),
)  # fmt: skip
_LADDER_2D = (
    (64, 512**2), (48, 512**2), (32, 512**2), (32, 384**2), (32, 256**2), (24, 256**2), (16, 256**2),
    (16, 192**2), (16, 128**2), (8, 128**2), (8, 64**2),
)  # fmt: skip
_STEP_VOXELS = {2: 640 * 1024, 3: 180 * 1024}
_MAX_WIDTH = {2: 512, 3: 320}
_DEEP_SUPERVISION_HEADS = 3


@dataclass(frozen=True)
class _Candidate:
    stage: Stage
    price: Price
    memory_bytes: int

    @property
    def cost(self) -> float:
        return self.price.flops * self.stage.batch


@PLANNERS.register("standard")
def plan_standard(finger: Fingerprint, labels: Labels, wanted: PlanConfig, budget: Budget) -> Plan:
    """See the module."""
    base = _frame(finger, labels, wanted, budget)
    fitting = _within_memory(list(_candidates(base, finger, wanted, budget)), budget)
    chosen, why = _within_time(base, fitting, budget)
    stage = chosen.stage
    reasons = (
        Reason(decision="patch", value=_times(stage.patch), why=_why_patch(base, finger, stage)),
        Reason(decision="network", value=_net_text(stage, chosen.price), why=why),
        Reason(
            decision="batch",
            value=str(stage.batch),
            why="about as many voxels per step as gradients need to be steady",
        ),
        Reason(
            decision="memory",
            value=show_memory(chosen.memory_bytes),
            why="weights, moments, activations and the largest case by formula; "
            f"{show_memory(budget.memory_bytes)} may be used",
        ),
    )
    return base.model_copy(
        update={"stages": (stage,), "memory_bytes": chosen.memory_bytes, "reasons": base.reasons + reasons}
    )


def _frame(finger: Fingerprint, labels: Labels, wanted: PlanConfig, budget: Budget) -> Plan:
    """Everything but the stages."""
    axes = choose_axes(finger)
    spacing, anisotropic = target_spacing(finger, axes)
    spacing = wanted.spacing_mm or spacing
    flat = median_shape(finger, axes, spacing)[0] <= 1
    dims = wanted.dims or (2 if flat else 3)
    cropped = any(c.crop_shape != c.shape for c in finger.cases)
    normalisers, told = zip(*(choose_normaliser(c, cropped) for c in finger.channels), strict=True)
    mirror = () if labels.has_sides or dims == 3 or not flat else (0, 1)
    reasons = (
        Reason(
            decision="dims",
            value=str(dims),
            why="asked for" if wanted.dims else "single slices" if flat else "the scans are volumes",
        ),
        Reason(
            decision="spacing",
            value=f"{_times([round(s, 3) for s in spacing])} mm",
            why="asked for"
            if wanted.spacing_mm
            else "the median over the cases"
            + (
                "; slices are much thicker than pixels, so the coarse axis is resampled on its own"
                if anisotropic
                else ""
            ),
        ),
        *told,
        Reason(
            decision="mirroring",
            value=_times(mirror) or "none",
            why="pictures have no fixed sides" if mirror else "anatomy has sides; a mirrored organ is not an organ",
        ),
    )
    return Plan(
        dims=dims, axes=axes, channels=tuple(c.name for c in finger.channels), labels=labels, normalisers=normalisers,
        stages=(Stage(name="full", spacing_mm=spacing, patch=(), batch=1, net=NetPlan(name=wanted.net)),),
        mirror_axes=mirror, anisotropic=anisotropic, crop="nonzero" if cropped else "none",
        memory_bytes=budget.memory_bytes, reasons=reasons,
    )  # fmt: skip


def _candidates(base: Plan, finger: Fingerprint, wanted: PlanConfig, budget: Budget) -> Iterator[_Candidate]:
    """Networks from the largest to the smallest, duplicates (a patch as large as the scans) left out."""
    spacing = base.stages[0].spacing_mm[3 - base.dims :]
    shape = median_shape(finger, base.axes, base.stages[0].spacing_mm)[3 - base.dims :]
    sizes = prepared_voxels(finger, base.axes, base.stages[0].spacing_mm)
    kept = store_bytes(int(sizes.sum()), len(base.channels))
    seen = set()
    for width, voxels in _LADDER_3D if base.dims == 3 else _LADDER_2D:
        patch = wanted.patch or fit_patch(shape, spacing, voxels)
        width = wanted.width or width
        if (width, patch) in seen:
            continue
        seen.add((width, patch))
        stage, price = _price(base, spacing, patch, width, wanted)
        training = train_bytes(price.parameters, price.activations, stage.batch, budget.value_bytes)
        predicting = predict_bytes(price.parameters, int(sizes.max()), len(base.channels), base.labels.channels)
        yield _Candidate(stage, price, kept + max(training, predicting))


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
        dims=base.dims, patch=patch, in_channels=len(base.channels), out_channels=base.labels.channels,
        residual=residual, **options,
    )  # fmt: skip
    voxels = 1
    for n in patch:
        voxels *= n
    batch = wanted.batch or min(max(round(_STEP_VOXELS[base.dims] / voxels), 2), 16)
    heads = max(1, min(_DEEP_SUPERVISION_HEADS, stages - 2)) if wanted.deep_supervision else 1
    net = NetPlan(name=wanted.net, options={**options, "deep_supervision": heads})
    stage = Stage(name="full", spacing_mm=base.stages[0].spacing_mm, patch=patch, batch=batch, net=net)
    return stage, price


def _within_memory(candidates: list[_Candidate], budget: Budget) -> list[_Candidate]:
    fitting = [c for c in candidates if c.memory_bytes <= RESERVE * budget.memory_bytes]
    if not fitting:
        least = min(c.memory_bytes for c in candidates)
        raise BudgetError(
            f"no network fits {show_memory(budget.memory_bytes)}",
            f"at least {show_memory(least / RESERVE)}",
            "give more with --memory, coarsen with --set plan.spacing_mm=[3,3,3], or set plan.patch or plan.batch",
        )
    return fitting


def _within_time(base: Plan, candidates: list[_Candidate], budget: Budget) -> tuple[_Candidate, str]:
    """The costliest candidate that still gets its steps: one is timed, the others are scaled by their arithmetic, and
    the choice is timed again because small networks reach a smaller share of the machine's speed."""
    if budget.speed is None or budget.seconds is None:
        return candidates[0], "the largest that fits the memory; no time limit was given"
    steps = steps_wanted(budget.seconds)
    limit = budget.seconds / steps
    probe = min(candidates, key=lambda c: abs(c.cost - _PROBE_COST))
    chosen, seconds = probe, budget.speed(_with(base, probe))
    for _ in range(3):
        rate = chosen.cost / seconds
        better = next((c for c in candidates if c.cost / rate <= limit), candidates[-1])
        if better is chosen:
            break
        chosen, seconds = better, budget.speed(_with(base, better))
    total = round(budget.seconds / seconds)
    why = (
        f"a step takes {seconds:.3f} s here, so {show_time(budget.seconds)} hold {total} steps; "
        f"a larger network would get fewer than the {steps} such a run needs"
    )
    return chosen, why


_PROBE_COST = 3e9
"""Multiply-adds per forward pass of the candidate that is timed first: a second or less on any machine."""


def _with(base: Plan, candidate: _Candidate) -> Plan:
    return base.model_copy(update={"stages": (candidate.stage,)})


def _why_patch(base: Plan, finger: Fingerprint, stage: Stage) -> str:
    shape = median_shape(finger, base.axes, stage.spacing_mm)[3 - base.dims :]
    if all(p >= n for p, n in zip(stage.patch, shape, strict=True)):
        return f"a whole scan ({_times(shape)} in the median) fits"
    return f"what time and memory allow of the median scan ({_times(shape)}), the same millimetres along every axis"


def _net_text(stage: Stage, price: Price) -> str:
    return (
        f"{stage.net.name} {'-'.join(map(str, stage.net.options['widths']))} ({price.parameters / 1e6:.1f} M weights)"
    )


def _times(values: object) -> str:
    return "x".join(str(v) for v in values)  # type: ignore[attr-defined]
