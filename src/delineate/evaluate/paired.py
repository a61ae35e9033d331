"""`PairedTest`: two models over the same cases."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record
from delineate.evaluate.interval import mean_intervals

ZERO_METHOD = "pratt"


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


def signed_rank_p(differences: NDArray[Any]) -> float:
    """Wilcoxon's signed-rank test (1945), two-sided; 1 where no case differs.

    Exact for few cases, else the normal approximation (scipy's choice).
    """
    from scipy.stats import wilcoxon

    if not np.any(differences):
        return 1.0
    with warnings.catch_warnings():  # older scipy warns of small samples; what they cannot show is told apart
        warnings.simplefilter("ignore", UserWarning)
        return float(wilcoxon(differences, zero_method=ZERO_METHOD).pvalue)


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """The p of several tests made larger so that alpha holds for all of them together (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    raised = np.asarray(p, np.float64)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return tuple(corrected.tolist())


def rank_biserial(differences: NDArray[Any]) -> float:
    """(rank sum of positive - rank sum of negative) / both, zeros left out; 0 where no case differs."""
    from scipy.stats import rankdata

    moved = differences[differences != 0]
    if not moved.size:
        return 0.0
    ranks = rankdata(np.abs(moved))
    return float((ranks * np.sign(moved)).sum() / ranks.sum())


def cohens_dz(differences: NDArray[Any]) -> float | None:
    """Mean over sample standard deviation; 0 where no case differs, None where all differ by the same amount."""
    if not np.any(differences):
        return 0.0
    spread = float(np.std(differences, ddof=1)) if len(differences) > 1 else 0.0
    return float(differences.mean()) / spread if spread > 1e-12 * float(np.abs(differences).max()) else None


def compare_pairs(
    scores_kn: NDArray[Any], names: Sequence[str], sign: int, margin: float, alpha: float, seed: int
) -> tuple[PairedTest, ...]:
    """Every model against every later one, over ``[models, cases]``; ``sign`` is 1 where higher is better, else -1."""
    places = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
    if not places:
        return ()
    apart = np.stack([scores_kn[a] - scores_kn[b] for a, b in places])
    apart[np.abs(apart) < 1e-12] = 0  # what rounding left of equal scores
    p = [signed_rank_p(d) for d in apart]
    corrected = holm(p)
    bounds = mean_intervals(apart.T, seed, 1 - alpha, "bca")
    pairs = []
    for (a, b), d, p_one, p_all, interval in zip(places, apart, p, corrected, bounds, strict=True):
        effect = rank_biserial(d)
        ahead = names[a] if sign * effect > 0 else names[b]
        wins, losses = int((sign * d > margin).sum()), int((sign * d < -margin).sum())
        pairs.append(
            PairedTest(
                first=names[a],
                second=names[b],
                n=len(d),
                difference=float(d.mean()),
                low=interval and interval.low,
                high=interval and interval.high,
                p=p_one,
                p_holm=p_all,
                rank_biserial=effect,
                cohens_dz=cohens_dz(d),
                wins=wins,
                ties=len(d) - wins - losses,
                losses=losses,
                better=ahead if p_all < alpha else None,
            )
        )
    return tuple(pairs)
