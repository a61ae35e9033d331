"""`PairedTest`: two models over the same cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record
from delineate.evaluate.interval import mean_intervals
from delineate.evaluate.signedrank import rank_biserial, signed_rank_p


class PairedTest(Record):
    """Differences are ``first`` minus ``second``, in the metric's own unit, case by case.

    ``low`` and ``high`` bound the mean difference (paired bootstrap, BCa, at 1 - alpha). ``p`` is the two-sided
    Wilcoxon signed-rank test, zeros ranked and then dropped (Pratt 1959); ``p_holm`` is corrected for all pairs of the
    comparison (Holm 1979). ``rank_biserial`` is the share of the rank sum where ``first`` is larger minus that where it
    is smaller (Kerby 2014), -1 to 1; ``cohens_dz`` is the mean difference in its standard deviations (Cohen 1988), None
    where all cases differ alike. ``wins`` counts the cases in which ``first`` is better by more than the tie margin.
    ``better`` names the model that is better with ``p_holm`` below alpha, else None.
    """

    first: str
    second: str
    n: int
    difference: float
    low: float | None
    high: float | None
    p: float
    p_holm: float
    rank_biserial: float
    cohens_dz: float | None
    wins: int
    ties: int
    losses: int
    better: str | None


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """The p of several tests made larger so that alpha holds for all of them together (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    raised = np.asarray(p, np.float64)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return tuple(corrected.tolist())


def cohens_dz(differences_pn: NDArray[Any]) -> tuple[float | None, ...]:
    """Mean over sample standard deviation of each line of ``[pairs, n cases]``; 0 where no case differs, None where all
    differ by the same amount."""
    n, largest = differences_pn.shape[1], np.abs(differences_pn).max(axis=1)
    spreads = np.std(differences_pn, axis=1, ddof=1) if n > 1 else np.zeros(len(differences_pn))
    found = zip(differences_pn.mean(axis=1).tolist(), spreads.tolist(), largest.tolist(), strict=True)
    return tuple(0.0 if most == 0 else mean / sd if sd > 1e-12 * most else None for mean, sd, most in found)


def compare_pairs(
    scores_kn: NDArray[Any], names: Sequence[str], sign: int, margin: float, alpha: float, seed: int
) -> tuple[PairedTest, ...]:
    """Every model against every later one, over ``[models, cases]``; ``sign`` is 1 where higher is better, else -1."""
    places = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
    if not places:
        return ()
    # rounded: equal scores and equal differences are ties, and a difference of the margin is within it
    apart = np.round(np.stack([scores_kn[a] - scores_kn[b] for a, b in places]), 12)
    p, effects, sizes = signed_rank_p(apart), rank_biserial(apart).tolist(), cohens_dz(apart)
    wins, losses = (sign * apart > margin).sum(axis=1).tolist(), (sign * apart < -margin).sum(axis=1).tolist()
    means, corrected = apart.mean(axis=1).tolist(), holm(p.tolist())
    bounds = mean_intervals(apart.T, seed, 1 - alpha, "bca")
    n = apart.shape[1]
    return tuple(
        PairedTest(
            first=names[a],
            second=names[b],
            n=n,
            difference=means[i],
            low=interval and interval.low,
            high=interval and interval.high,
            p=float(p[i]),
            p_holm=corrected[i],
            rank_biserial=effects[i],
            cohens_dz=sizes[i],
            wins=wins[i],
            ties=n - wins[i] - losses[i],
            losses=losses[i],
            better=(names[a] if sign * effects[i] > 0 else names[b]) if corrected[i] < alpha else None,
        )
        for i, ((a, b), interval) in enumerate(zip(places, bounds, strict=True))
    )
