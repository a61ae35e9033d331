"""Whether a score rests on cases enough, and what to do where it does not: that depends on which folds were trained."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from delineate.core.listing import counted
from delineate.dataset.split import Split
from delineate.evaluate.table import ScoreTable
from delineate.show.note import Note

FEWEST_CASES = 5
WIDEST = 0.1
"""Validation too small: fewer cases than this, or a 95 % interval of their mean Dice wider than this."""
_USUAL_FOLDS = 5


def small_validation(trained: Sequence[ScoreTable], splits: Sequence[Split], run: str) -> Note | None:
    """The note on the validation cases of all ``trained`` folds together; None where there are enough, or no scores.

    ``splits`` are the folds there are (none: unknown); ``run`` stands in the commands.
    """
    means = [v for table in trained for c in table.cases if (v := c.metrics.get("dice")) is not None]
    if not means:
        return None
    low, high = mean_interval(means) if len(means) > 1 else (0.0, 1.0)
    if len(means) >= FEWEST_CASES and high - low <= WIDEST:
        return None
    folds = f" of {len(trained)} folds" if len(trained) > 1 else ""
    told = f"{counted(len(means), 'validation case')}{folds}, mean Dice {np.mean(means):.3f}"
    interval = f", 95 % interval {low:.2f} to {high:.2f}" if len(means) > 1 else ""
    return Note(
        "small validation", "The score rests on too few cases, or on cases that differ widely", (told + interval,),
        "Another draw of validation cases could give a clearly different score. Small differences between runs mean "
        "nothing here.",
        *_advice(len(trained), sum(len(t.cases) for t in trained), splits, run),
    )  # fmt: skip


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean by Student's t, within 0 and 1; two values or more."""
    from scipy.special import stdtrit  # scipy.stats has it, too, but takes a second to import

    mean, half = float(np.mean(values)), float(stdtrit(len(values) - 1, 0.975) * np.std(values, ddof=1))
    half /= sqrt(len(values))
    return max(mean - half, 0.0), min(mean + half, 1.0)


def _advice(trained: int, validated: int, splits: Sequence[Split], run: str) -> tuple[str, str]:
    """What to do, and the command for it (empty where none would help)."""
    there = len(splits) or _USUAL_FOLDS
    if trained < there:
        advice = "Validate on every case once, by a network for each fold, and compare runs on the same split."
        return advice, _train(run, f"--splits {run}/splits.json" if splits else "", there)
    if any(set(s.train) & set(s.validation) for s in splits):
        return "The validation cases were trained on: only masks of further patients can tell how good this is.", ""
    if validated < (wanted := sum(len(s.validation) for s in splits)):
        return (
            f"The time allowed to validate on {validated} of {wanted} cases: train for longer, or predict the others "
            "and measure them with `delineate evaluate`.",
            "",
        )
    if there == 1:
        advice = "Divide the cases into folds instead, and validate on every case once, by a network for each fold."
        return advice, _train(run, f"--set folds={_USUAL_FOLDS}", _USUAL_FOLDS)
    return (
        f"All {there} folds were trained, and each case was validated on: more labelled cases make the score surer, "
        "and nothing else does. To tell two networks apart, compare them case by case on the same folds.",
        "delineate compare DATA --nets unet,resenc_unet",
    )


def _train(run: str, how: str, folds: int) -> str:
    return " ".join(
        ["delineate train DATA -o", f"{run}-folds", *filter(None, [how]), *(f"--fold {k}" for k in range(folds))]
    )
