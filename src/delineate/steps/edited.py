"""What a person may have edited in a run that is to go on: read and refused before anything is done or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from delineate.core.errors import DelineateError, PlanError, SplitError
from delineate.core.run import RunFolder

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.core.labels import Labels
    from delineate.dataset.case import Dataset
    from delineate.dataset.split import Splits
    from delineate.plan.plan import Plan

_FIX = "correct plan.json, or delete it to have it made anew"


def refuse_wrong_records(run: RunFolder) -> None:
    """Read the records of a run that it goes on with; nothing where there are none yet.

    Raises:
        RunError: a file is damaged or not such a record; every wrong place is named.
        PlanError: the plan cannot be carried out; the place is named.
    """
    from delineate.dataset.fingerprint import Fingerprint
    from delineate.dataset.split import Splits
    from delineate.plan.plan import Plan

    for path, kind in ((run.fingerprint, Fingerprint), (run.splits, Splits)):
        if path.exists():
            kind.load(path)
    if run.plan.exists():
        refuse_wrong_plan(Plan.load(run.plan))


def refuse_wrong_plan(plan: Plan) -> None:
    """See to it that what a plan names is there and that its networks take its patches; nothing is computed.

    Raises:
        PlanError: something is not; the place in the plan is named.
    """
    from delineate.nets.net import NETS
    from delineate.plan.preparation import PLAIN_CROPS
    from delineate.steps.sizing import price_of
    from delineate.store.masks import MASKS
    from delineate.store.normalise import scheme_of

    for number, normaliser in enumerate(plan.normalisers):
        with _place(f"normalisers.{number}"):
            scheme_of(normaliser)
    with _place("crop"):
        _ = plan.crop in PLAIN_CROPS or MASKS[plan.crop]
    for number, stage in enumerate(plan.stages):
        with _place(f"stages.{number}.net"):
            stride = NETS[stage.net.name].card.stride or 1
        if min(stage.patch) < stride:
            raise PlanError(
                f"plan.json: stages.{number}.patch: {stage.patch} for the network {stage.net.name!r}",
                f"edges of {stride} or more: it divides every axis by {stride}",
                _FIX,
            )
        with _place(f"stages.{number}.net"):
            price_of(plan, stage)


def refuse_other_data(plan: Plan, splits: Splits, data: Dataset, labels: Labels) -> None:
    """See to it that a plan and folds that were there before are of these data.

    Raises:
        PlanError: another number or order of channels, or other values in the masks.
        SplitError: a fold names cases that are not there.
    """
    turned = plan.channels != data.channels and set(plan.channels) == set(data.channels)
    if turned or len(plan.channels) != len(data.channels):
        raise PlanError(
            f"plan.json: channels: {', '.join(plan.channels)}, but the scans have {', '.join(data.channels)}",
            "those, in that order",
            _FIX,
        )
    for name in ("file_values", "ignore_value", "instances"):
        planned, found = getattr(plan.labels, name), getattr(labels, name)
        if planned != found:
            raise PlanError(f"plan.json: labels.{name}: {planned}, but the masks have {found}", "the same", _FIX)
    known = {c.name for c in data.labelled}
    strange = sorted({n for s in splits.folds for n in (*s.train, *s.validation)} - known)
    if strange:
        raise SplitError(
            f"splits.json names cases that have no mask in {data.root}: {', '.join(strange[:8])}"
            + (f" and {len(strange) - 8} more" if len(strange) > 8 else ""),
            "the cases the run was begun with",
            "bring them back, or begin a new run with -o",
        )


@contextmanager
def _place(name: str) -> Iterator[None]:
    """Tell which part of the plan an error is about."""
    try:
        yield
    except DelineateError as error:
        raise PlanError(f"plan.json: {name}: {error.what}", error.expected, error.fix or _FIX) from error
    except Exception as error:  # layers refuse sizes that they cannot take in many ways
        told = " ".join(str(error).split())[:300] or type(error).__name__
        raise PlanError(f"plan.json: {name}: {told}", "sizes that the network can take", _FIX) from error
