"""The standard planner: nnU-Net's rules for spacing, patch and topology (Isensee et al., Nature Methods 2021), then the
largest network whose steps fit the minutes and whose activations fit the memory."""

from __future__ import annotations

from math import prod

from delineate.config import PlanConfig
from delineate.core.errors import UsageError
from delineate.core.geometry import Triple_mm
from delineate.core.labels import Labels
from delineate.core.price import Price
from delineate.core.units import show_memory
from delineate.dataset.fingerprint import Fingerprint
from delineate.plan.candidate import Candidate, candidates, within_memory
from delineate.plan.coarsening import coarser_spacing
from delineate.plan.intensity import choose_normalisers
from delineate.plan.mirroring import choose_mirror, choose_swaps
from delineate.plan.pace import Pace, choose_pace
from delineate.plan.plan import NetPlan, Plan, Reason, Stage
from delineate.plan.planner import PLANNERS, Budget
from delineate.plan.spacing import choose_axes, median_shape, prepared_voxels, target_spacing
from delineate.plan.variation import choose_strength


@PLANNERS.register("standard")
def plan_standard(finger: Fingerprint, labels: Labels, wanted: PlanConfig, budget: Budget) -> Plan:
    """See the module."""
    base = _frame(finger, labels, wanted, budget)
    pace = _pace(base, finger, wanted, budget)
    coarse = _coarser(base, finger, wanted, pace)
    if coarse is not None:
        base = _at_spacing(base, coarse)
        pace = _pace(base, finger, wanted, budget)
    strength, why_strength = choose_strength(pace.passes)
    varied = Reason(decision="augmentation", value=strength, why=why_strength)
    return base.model_copy(
        update={
            "stages": (pace.candidate.stage,),
            "networks": pace.networks,
            "strength": strength,
            "memory_bytes": pace.memory_bytes,
            "reasons": (*base.reasons, *_size_reasons(base, finger, pace, budget), varied),
        }
    )


def _pace(base: Plan, finger: Fingerprint, wanted: PlanConfig, budget: Budget) -> Pace:
    """The network for the plan's spacing."""
    fitting = within_memory(list(candidates(base, finger, wanted, budget)), budget)
    voxels = float(prepared_voxels(finger, base.axes, base.stages[0].spacing_mm).sum())
    return choose_pace(base, fitting, budget, voxels)


def _coarser(base: Plan, finger: Fingerprint, wanted: PlanConfig, pace: Pace) -> Triple_mm | None:
    """The spacing at which the time is spent better, if there is one; volumes only, and only if none was asked for."""
    if base.dims != 3 or wanted.spacing_mm is not None:
        return None
    spacing = base.stages[0].spacing_mm
    share = prod(pace.candidate.stage.patch) / prod(median_shape(finger, base.axes, spacing))
    return coarser_spacing(finger, spacing, share, pace.passes)


def _at_spacing(base: Plan, spacing_mm: Triple_mm) -> Plan:
    """The plan at another spacing, with the reason."""
    before = base.stages[0].spacing_mm
    reason = Reason(
        decision="spacing",
        value=_mm(spacing_mm),
        why=f"at the scans' own ({_mm(before)}) the time is too short to see enough of them: more time, or "
        f"--set plan.spacing_mm=[{', '.join(f'{s:.3g}' for s in before)}], keeps it",
    )
    return base.model_copy(
        update={
            "stages": tuple(s.model_copy(update={"spacing_mm": spacing_mm}) for s in base.stages),
            "reasons": tuple(reason if r.decision == "spacing" else r for r in base.reasons),
        }
    )


def _size_reasons(base: Plan, finger: Fingerprint, pace: Pace, budget: Budget) -> tuple[Reason, ...]:
    stage = pace.candidate.stage
    reasons = (
        Reason(decision="patch", value=_times(stage.patch), why=_why_patch(base, finger, pace.candidate)),
        Reason(decision="network", value=_net_text(stage, pace.candidate.price), why=pace.why),
        Reason(
            decision="batch",
            value=str(stage.batch),
            why="about as many voxels per step as gradients need to be steady",
        ),
        Reason(
            decision="memory",
            value=show_memory(pace.memory_bytes),
            why="weights, moments, activations and the largest case by formula; "
            f"{show_memory(budget.memory_bytes)} may be used",
        ),
    )
    if pace.networks == 1:
        return reasons
    return (*reasons, Reason(decision="networks", value=f"{pace.networks} folds", why=pace.why_networks))


def _frame(finger: Fingerprint, labels: Labels, wanted: PlanConfig, budget: Budget) -> Plan:
    """Everything but the stages."""
    axes = choose_axes(finger)
    spacing, anisotropic = target_spacing(finger, axes)
    spacing = wanted.spacing_mm or spacing
    flat = median_shape(finger, axes, spacing)[0] <= 1
    dims, why_dims = _choose_dims(wanted, budget, flat)
    _refuse_misfit(wanted, dims)
    slices, planes = _views(wanted, flat)
    cropped = any(c.crop_shape != c.shape for c in finger.cases)
    normalisers, told = choose_normalisers(finger.channels, cropped, wanted.normaliser)
    mirror, why_mirror = choose_mirror(wanted.mirror, labels, axes, dims, flat, len(planes) > 1)
    reasons = (
        Reason(decision="dims", value=_dims_text(dims, slices, planes), why=why_dims),
        Reason(decision="spacing", value=_mm(spacing), why=_why_spacing(wanted, anisotropic)),
        *told,
        Reason(decision="mirroring", value=_times(mirror) or "none", why=why_mirror),
    )
    return Plan(
        dims=dims, axes=axes, channels=tuple(c.name for c in finger.channels), labels=labels, normalisers=normalisers,
        stages=(Stage(name="full", spacing_mm=spacing, patch=(1,) * dims, batch=1, net=NetPlan(name=wanted.net)),),
        mirror_axes=mirror, mirror_swaps=choose_swaps(labels, mirror, axes, dims), anisotropic=anisotropic,
        crop="nonzero" if cropped else "none",
        memory_bytes=budget.memory_bytes, reasons=reasons, slices=slices, planes=planes,
    )  # fmt: skip


def _why_spacing(wanted: PlanConfig, anisotropic: bool) -> str:
    if wanted.spacing_mm:
        return "asked for"
    thick = "; slices are much thicker than pixels, so the coarse axis is resampled on its own"
    return "the median over the cases" + (thick if anisotropic else "")


def _choose_dims(wanted: PlanConfig, budget: Budget, flat: bool) -> tuple[int, str]:
    """2 or 3, and why.

    Raises:
        UsageError: the network does not have the dims asked for.
    """
    dims = int(wanted.dims or (2 if flat else 3))
    fixed = budget.fixed
    if fixed is None or dims in fixed.dims:
        return dims, "asked for" if wanted.dims else "single slices" if flat else "the scans are volumes"
    if wanted.dims or flat:
        raise UsageError(
            f"the network {wanted.net!r} in {dims}D" + (f": {fixed.why_not}" if fixed.why_not else ""),
            "dims of " + " or ".join(map(str, fixed.dims)),
            "choose another network, or other dims; `delineate nets` lists them",
        )
    return fixed.dims[0], f"the network {wanted.net} has no other" + (f": {fixed.why_not}" if fixed.why_not else "")


def _refuse_misfit(wanted: PlanConfig, dims: int) -> None:
    if wanted.patch and len(wanted.patch) != dims:
        raise UsageError(
            f"plan.patch = {_times(wanted.patch)} for a network of {dims} dimensions",
            f"{dims} numbers",
            "correct plan.patch, or set --dims to what it is for",
        )


def _views(wanted: PlanConfig, flat: bool) -> tuple[int, tuple[int, ...]]:
    """How many neighbouring slices a 2D network sees, and along which axes it slices."""
    if wanted.dims != 2.5:
        if wanted.triplanar:
            raise UsageError("plan.triplanar without --dims 2.5", "dims 2.5", "add --dims 2.5")
        return 1, (0,)
    if flat:
        raise UsageError("--dims 2.5 for single slices", "volumes: pictures have no neighbours", "leave --dims out")
    if wanted.slices % 2 == 0:
        raise UsageError(f"plan.slices = {wanted.slices}", "an odd number: a centre and its neighbours", "add one")
    return wanted.slices, (0, 1, 2) if wanted.triplanar else (0,)


def _dims_text(dims: int, slices: int, planes: tuple[int, ...]) -> str:
    if slices == 1:
        return str(dims)
    return f"2.5 ({slices} slices{', along three axes' if len(planes) > 1 else ''})"


def _why_patch(base: Plan, finger: Fingerprint, candidate: Candidate) -> str:
    shape = median_shape(finger, base.axes, candidate.stage.spacing_mm)[3 - base.dims :]
    if candidate.whole:
        return f"a whole scan ({_times(shape)} in the median) fits"
    return f"what time and memory allow of the median scan ({_times(shape)}), the same millimetres along every axis"


def _net_text(stage: Stage, price: Price) -> str:
    options = stage.net.options
    size = "-".join(map(str, options["widths"])) if "widths" in options else _list_options(options)
    return f"{stage.net.name} {size}".strip() + f" ({price.parameters / 1e6:.1f} M weights)"


def _list_options(options: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in options.items())


def _mm(spacing: Triple_mm) -> str:
    return f"{_times([round(s, 3) for s in spacing])} mm"


def _times(values: object) -> str:
    return "x".join(str(v) for v in values)  # type: ignore[attr-defined]
