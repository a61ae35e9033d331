"""What `doctor` asks, and when an answer is a bad one."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from delineate.core.record import Record
from delineate.dataset.alignment import Alignment

_LEARNT, _HARDLY = 0.8, 0.5
"""Mean Dice of a batch learnt by heart; below the second something is wrong."""
_FELL = 0.1
"""Share by which the loss must fall to be called falling."""
_GAIN = 1.2
"""A mask fits better elsewhere if the edges of the image are this much stronger there."""
_AGREED = 0.5
"""Share of the cases that fit better elsewhere from which the fault is in all of the data."""


class Finding(Record):
    """What one question came to, in words, and what to do where it is not ``ok``."""

    name: str
    state: Literal["ok", "warning", "failed"]
    told: str
    advice: str = ""


class Diagnosis(Record):
    """All that was asked; ``losses`` are those of the batch that was to be learnt by heart."""

    findings: tuple[Finding, ...]
    losses: tuple[float, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return all(f.state != "failed" for f in self.findings)


def place_of_masks(found: list[Alignment]) -> Finding:
    """Are masks shifted against their images?"""
    name, off = "masks lie on the images", [a for a in found if a.gain >= _GAIN]
    if not found:
        return Finding(name=name, state="warning", told="no case has a boundary to look at")
    if not off:
        return Finding(name=name, state="ok", told=f"in none of {len(found)} cases would moved masks fit better")
    shift, count = Counter(a.shift for a in off).most_common(1)[0]
    cases = ", ".join(a.case for a in off[:5]) + (", ..." if len(off) > 5 else "")
    told = f"in {len(off)} of {len(found)} cases ({cases}) the mask fits the edges of the image better when moved; "
    told += f"in {count} of them by {shift} prepared voxels (z, y, x)"
    return Finding(
        name=name, state="failed" if len(off) >= _AGREED * len(found) and len(found) > 1 else "warning", told=told,
        advice="look at those cases in a viewer: an affine that was changed or an export that lost a slice does this",
    )  # fmt: skip


def same_windows(difference: float) -> Finding:
    """Does training see the intensities that prediction sees?"""
    name = "training and prediction see the same"
    if difference == 0:
        return Finding(name=name, state="ok", told="training patches equal the same windows of the prepared cases")
    told = f"training patches differ from the same windows of the prepared cases by up to {difference:.3g}"
    return Finding(name=name, state="failed", told=told, advice="prepare the run anew: --set prepare.verify=true")


def kept_by_augmentation(plain_share: float, plain: float, sd: float, share: float, mean: float, _: float) -> Finding:
    """Are patches still like themselves once they are varied? Shares of labelled voxels, means and deviation."""
    name, kept = "augmentation keeps what matters", share / max(plain_share, 1e-12)
    moved = abs(mean - plain) / max(sd, 1e-12)
    told = f"of the labelled voxels {100 * kept:.0f} % are left; the mean intensity moves by {moved:.2f} sd"
    well = (plain_share == 0 or 0.5 <= kept <= 2) and moved <= 1
    return Finding(
        name=name, state="ok" if well else "warning", told=told,
        advice="" if well else "vary less: --set patches.strength=light",
    )  # fmt: skip


def sense_of_loss(losses: dict[str, float]) -> Finding:
    """Does the loss, with the activation that follows from the labels, prefer the right answer?"""
    told = ", ".join(f"{name} {value:.3f}" for name, value in losses.items())
    well = losses["right"] < min(losses["background"], losses["wrong"])
    return Finding(
        name="the loss prefers the right answer", state="ok" if well else "failed", told=f"loss of answers: {told}",
        advice="" if well else "this loss does not go with these labels; use --set train.loss=dice_ce",
    )  # fmt: skip


def by_heart(dice: float, losses: list[float]) -> Finding:
    """Can the network learn one batch by heart?"""
    state: Literal["ok", "warning", "failed"] = "ok" if dice >= _LEARNT else "warning" if dice >= _HARDLY else "failed"
    told = f"Dice {dice:.3f} on one batch after {len(losses)} steps; loss {losses[0]:.3f}, then {losses[-1]:.3f}"
    advice = "give more --steps; if that changes nothing, try a lower --set train.learning_rate=... or another --net"
    return Finding(name="one batch is learnt by heart", state=state, told=told, advice="" if state == "ok" else advice)


def not_empty(marked: bool, losses: list[float]) -> Finding:
    """Does the loss fall while nothing is predicted?"""
    falls = losses[0] - losses[-1] > _FELL * abs(losses[0])
    if marked:
        return Finding(name="something is predicted", state="ok", told="voxels are marked in the batch")
    told = "only background is predicted" + (", while the loss falls" if falls else "")
    return Finding(
        name="something is predicted", state="failed", told=told,
        advice="the background outweighs the structure: --set train.loss=dice_ce, patches.sampler=balanced, a smaller "
        "--set plan.patch=[...]",
    )  # fmt: skip


def nothing_drawn(batches: int) -> Finding:
    return Finding(
        name="patches hold labelled voxels", state="failed", told=f"none in {batches} batches",
        advice="draw around labelled voxels: --set patches.sampler=foreground",
    )  # fmt: skip
