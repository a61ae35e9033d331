"""What a person asked of the preparation, written into the plan: training and prediction must agree on it."""

from __future__ import annotations

from delineate.config import PrepareConfig
from delineate.core.errors import UsageError
from delineate.dataset.fingerprint import Fingerprint
from delineate.plan.plan import Plan, Reason

PLAIN_CROPS = ("none", "nonzero")
"""Crops that are no mask of `store.masks`."""


def with_preparation(plan: Plan, wanted: PrepareConfig, finger: Fingerprint) -> Plan:
    """The plan with crop, margin and bias correction as asked for; as it was where nothing was.

    Patch and memory stay those of the fingerprint's crop: how much a body or a lung crop removes is not known before
    it is computed, so that they are an upper estimate.

    Raises:
        UsageError: a lung crop without CT, or bias correction of nothing but CT and pictures.
    """
    crop, margin_mm = plan.crop, plan.crop_margin_mm
    reasons: tuple[Reason, ...] = ()
    if wanted.crop != "auto":
        crop = wanted.crop
        margin_mm = 0.0 if crop in PLAIN_CROPS else wanted.crop_margin_mm
        value = crop if crop in PLAIN_CROPS else f"{crop}, {margin_mm:g} mm around it"
        reasons += (Reason(decision="crop", value=value, why="asked for"),)
        _refuse_no_ct(crop, finger)
    n4 = _channels_to_correct(finger) if wanted.n4 else plan.n4
    if wanted.n4:
        reasons += (Reason(decision="bias correction", value=", ".join(n4), why="asked for (N4)"),)
    return plan.model_copy(
        update={"crop": crop, "crop_margin_mm": margin_mm, "n4": n4, "reasons": plan.reasons + reasons}
    )


def _channels_to_correct(finger: Fingerprint) -> tuple[str, ...]:
    names = tuple(c.name for c in finger.channels if c.kind == "other")
    if not names:
        raise UsageError(
            "prepare.n4 corrects the bias field of MR, but every channel is "
            + " or ".join(sorted({"CT" if c.kind == "ct" else "a picture" for c in finger.channels})),
            "a channel of MR",
            "leave prepare.n4 out; if this is MR, name its channel in the data set's description",
        )
    return names


def _refuse_no_ct(crop: str, finger: Fingerprint) -> None:
    if crop == "lung" and not any(c.kind == "ct" for c in finger.channels):
        raise UsageError(
            "prepare.crop=lung finds lungs by their Hounsfield units, but no channel is CT",
            "a channel of CT in HU",
            "use prepare.crop=body or nonzero; if this is CT, name its channel CT in the data set's description",
        )
