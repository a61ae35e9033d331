"""What the learning curves say, in plain language: what is seen, what it means and what to do.

The rules and their thresholds are the constants below (`show.fewcases` has those on the validation cases); a curve that
no rule objects to is called healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from delineate.core.listing import counted
from delineate.dataset.split import Split
from delineate.evaluate.table import ScoreTable
from delineate.show.curve import FEWEST_LOSSES, Columns, Curve, Series
from delineate.show.fewcases import small_validation
from delineate.show.note import Note

FALL = 0.02
"""Overfitting: the validation Dice ends this far below its best, two validations or more after it."""
RISE = 0.01
"""Not converged: the validation Dice gained this much in the last quarter of the steps."""
NOTHING = 0.02
"""Not found: the mean Dice of a class over the cases that have it is no more than this."""
SPIKE = 0.25
"""Unstable: the loss jumps, above the median of the five values before, by this share of all it ever fell."""
SWING = 0.05
"""Unstable: the validation Dice falls by this much from one validation to the next, twice or more."""


def diagnose(
    folds: Mapping[str, Columns],
    scores: Mapping[str, ScoreTable] | None = None,
    run: str = "RUN",
    splits: Sequence[Split] = (),
) -> tuple[Note, ...]:
    """Notes on the columns of each fold's ``metrics.csv`` and its validation ``scores``, both by the fold's title.

    What several folds have in common is one note; whether there are cases enough is judged by those of all folds.
    ``run`` stands in the commands; ``splits`` are the folds there are, trained or not.
    """
    found: dict[str, Note] = {}
    for title, columns in folds.items():
        for note in _of_fold(Curve.of(columns), (scores or {}).get(title), run):
            seen = tuple(f"{title}: {s}" if len(folds) > 1 else s for s in note.seen)
            earlier = found[note.kind].seen if note.kind in found else ()
            found[note.kind] = Note(note.kind, note.title, earlier + seen, note.meaning, note.advice, note.command)
    if small := small_validation(list((scores or {}).values()), splits, run):
        found[small.kind] = small
    if len(found) > 1:
        found.pop("healthy", None)
    order = ("unstable", "collapsed", "overfitting", "not converged", "small validation", "short", "healthy")
    return tuple(found[kind] for kind in order if kind in found)


def _of_fold(curve: Curve, scores: ScoreTable | None, run: str) -> list[Note]:
    rules: tuple[Callable[[Curve, ScoreTable | None, str], Note | None], ...] = (
        _unstable, _collapsed, _overfitting, _not_converged,
    )  # fmt: skip
    notes = [note for rule in rules if (note := rule(curve, scores, run)) is not None]
    if curve.short:
        notes.append(_short(curve, run))
    return notes or [_healthy(curve, run)]


def _unstable(curve: Curve, scores: ScoreTable | None, run: str) -> Note | None:
    seen = []
    if curve.broken:
        seen.append(f"{curve.broken} recorded losses are no finite number")
    if spikes := loss_spikes(curve.loss):
        worst = max(spikes, key=lambda i: float(curve.loss[i]))
        step, value = curve.loss_steps[worst], curve.loss[worst]
        seen.append(f"the loss jumps {_times(len(spikes))}, to {value:.3f} at step {step:.0f}")
    falls = -np.diff(curve.dice)
    if (deep := int((falls > SWING).sum())) > 1:
        seen.append(f"the validation Dice falls by more than {SWING:g} {_times(deep)}, at most by {falls.max():.3f}")
    if not seen:
        return None
    return Note(
        "unstable", "Training is unstable", ("; ".join(seen),),
        "The steps are too large for this data, or a few cases are unlike the rest (wrong masks, odd intensities).",
        "Look at the cases that `delineate check` names, then halve the learning rate.",
        f"delineate train DATA -o {run}-calmer --set train.learning_rate={curve.rate / 2:.2g}",
    )  # fmt: skip


def loss_spikes(loss: Series) -> list[int]:
    """Places after the first quarter where the loss jumps above the median of the five values before it."""
    if len(loss) < FEWEST_LOSSES * 2:
        return []
    fallen = float(np.median(loss[:2]) - loss.min())
    first = max(5, len(loss) // 4)
    return [i for i in range(first, len(loss)) if loss[i] - np.median(loss[i - 5 : i]) > SPIKE * max(fallen, 1e-6)]


def missing_classes(scores: ScoreTable | None) -> list[tuple[str, float, int]]:
    """Classes that are in the truth and are not found: name, mean Dice over the cases that have it, their number."""
    found: list[tuple[str, float, int]] = []
    for name in () if scores is None else dict.fromkeys(r.class_name for r in scores.rows):
        dice = [
            r.values["dice"]
            for r in (scores.rows if scores else ())
            if r.class_name == name and r.state in ("present", "missed")
        ]
        if dice and (mean := float(np.mean(dice))) <= NOTHING:
            found.append((name, mean, len(dice)))
    return found


def _collapsed(curve: Curve, scores: ScoreTable | None, run: str) -> Note | None:
    missing = missing_classes(scores)
    if not missing or curve.short or not curve.loss_flat:
        return None
    told = ", ".join(f"{name} has Dice {mean:.3f} over the {n} cases with it" for name, mean, n in missing[:6])
    before, after = curve.mean_loss(0.5, 0.75), curve.mean_loss(0.75, 1.0)
    return Note(
        "collapsed", "A class has collapsed to background",
        (f"{told}; the loss is flat ({before:.3f}, then {after:.3f} in the last quarter)",),
        "The network answers background where this class should be and no longer learns otherwise: the class is rare "
        "or small, or its masks are wrong or lie elsewhere than the structure.",
        "Look at the class under Data and at its masks. If they are right, show the network more of it.",
        f"delineate train DATA -o {run}-balanced --set patches.sampler=balanced",
    )  # fmt: skip


def _overfitting(curve: Curve, scores: ScoreTable | None, run: str) -> Note | None:
    if curve.short or len(curve.dice) < 3:
        return None
    best = int(np.argmax(curve.dice))
    fall = float(curve.dice[best] - curve.dice[-1])
    then = float(np.interp(curve.dice_steps[best], curve.loss_steps, curve.loss))
    last = curve.mean_loss(0.9, 1.0)
    if best > len(curve.dice) - 3 or fall < FALL or last >= then:
        return None
    return Note(
        "overfitting", "The network learns the training cases by heart",
        (
            f"validation Dice {curve.dice[best]:.3f} at step {curve.dice_steps[best]:.0f}, {curve.dice[-1]:.3f} at the "
            f"end, while the loss went on falling from {then:.3f} to {last:.3f}",
        ),
        "What it learned after the best step does not carry over to cases it has not seen. The weights kept are those "
        "of the best step, so nothing is lost; more of the same training would not help.",
        "More cases help most. Else train for less time, with a stronger augmentation or a smaller network.",
        f"delineate train DATA -o {run}-shorter --time {_minutes(curve.seconds * _share(curve, best))}",
    )  # fmt: skip


def _share(curve: Curve, best: int) -> float:
    return float(curve.dice_steps[best] / curve.end) if curve.end else 1.0


def _not_converged(curve: Curve, scores: ScoreTable | None, run: str) -> Note | None:
    if curve.short:
        return None
    earlier = np.flatnonzero(curve.dice_steps <= 0.75 * curve.end)
    start = int(earlier[-1]) if len(earlier) else 0
    gain = float(curve.dice[-1] - curve.dice[start])
    seen = []
    if start < len(curve.dice) - 1 and gain >= RISE and curve.dice[-1] >= curve.dice.max() - RISE / 2:
        seen.append(
            f"validation Dice {curve.dice[start]:.3f} at step {curve.dice_steps[start]:.0f}, still rising to "
            f"{curve.dice[-1]:.3f} at the last"
        )
    if (missing := missing_classes(scores)) and not curve.loss_flat:
        names = ", ".join(name for name, _, _ in missing[:6])
        seen.append(f"{names} not found yet, while the loss still falls")
    if not seen:
        return None
    return Note(
        "not converged", "Training ended while it was still learning", ("; ".join(seen),),
        "The time was up before the network was done. More time would help.",
        "Train anew with about twice the time: the schedule is made for the time it is given, so a new run uses it "
        "better than a longer end of this one.",
        f"delineate train DATA -o {run}-longer --time {_minutes(2 * curve.seconds)}",
    )  # fmt: skip


def _short(curve: Curve, run: str) -> Note:
    return Note(
        "short", "Too short to judge",
        (f"{counted(len(curve.dice), 'validation')} and {counted(len(curve.loss), 'recorded loss')}",),
        "There are too few points to see a course in them.", "Train for longer.",
        f"delineate train DATA -o {run}-longer --time {_minutes(max(4 * curve.seconds, 300))}",
    )  # fmt: skip


def _healthy(curve: Curve, run: str) -> Note:
    best = int(np.argmax(curve.dice))
    return Note(
        "healthy", "The curves look healthy",
        (
            f"best validation Dice {curve.dice[best]:.3f} at step {curve.dice_steps[best]:.0f}, {curve.dice[-1]:.3f} "
            f"at the last; the loss fell from {curve.loss[0]:.3f} to {curve.mean_loss(0.9, 1.0):.3f}",
        ),
        "Validation rose, then levelled out, and did not fall again.",
        "Look at the worst cases: better masks or more cases like them help more than longer training.",
    )  # fmt: skip


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60)):d}min"
