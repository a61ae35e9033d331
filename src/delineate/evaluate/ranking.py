"""`Ranking`: who comes first, how surely, and which models cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record
from delineate.evaluate.interval import case_weights


class Ranking(Record):
    """Models best first, by their average rank over the cases (1 is best; equal scores share the mean of their ranks).

    Friedman's test (1937) asks whether any differs; two average ranks further apart than ``critical_difference``
    differ by Nemenyi's test (Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 2006).
    ``groups`` are the largest sets of models that do not. All are None or empty where there are fewer than three models
    or two cases: for two models the signed-rank test says it.
    """

    models: tuple[str, ...]
    average_ranks: tuple[float, ...]
    friedman_statistic: float | None
    friedman_p: float | None
    critical_difference: float | None
    groups: tuple[tuple[str, ...], ...]


def rank_models(scores_kn: NDArray[Any], names: Sequence[str], sign: int, alpha: float = 0.05) -> Ranking:
    """Rank ``[models, cases]``; ``sign`` is 1 where higher is better, -1 where lower is."""
    from scipy.stats import rankdata

    averages = rankdata(-sign * np.round(scores_kn, 12), axis=0).mean(axis=1)
    order = np.argsort(averages, kind="stable")
    ranked, ranks = tuple(names[i] for i in order), averages[order]
    k, n = scores_kn.shape
    enough = k > 2 and n > 1
    statistic, p = _friedman(scores_kn) if enough else (None, None)
    critical = critical_difference(k, n, alpha) if enough else None
    return Ranking(
        models=ranked,
        average_ranks=tuple(ranks.tolist()),
        friedman_statistic=statistic,
        friedman_p=p,
        critical_difference=critical,
        groups=() if critical is None else _groups(ranked, ranks, critical),
    )


def critical_difference(models: int, cases: int, alpha: float = 0.05) -> float:
    """Nemenyi's (1963): the studentised range over the square root of two, times sqrt(k (k + 1) / (6 n))."""
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - alpha, models, np.inf))
    return float(quantile / np.sqrt(2) * np.sqrt(models * (models + 1) / (6 * cases)))


def rank_shares(scores_kn: NDArray[Any], sign: int, seed: int = 0) -> NDArray[np.float64]:
    """How often each model (row) takes each place (column) when the cases are resampled and models are ranked by their
    mean; ``[models, models]``, every row and every column sums to one. Models with equal means share their places."""
    from scipy.stats import rankdata

    k, n = scores_kn.shape
    places = np.arange(1, k + 1)
    shares, count = np.zeros((k, k)), 0
    for weights in case_weights(n, seed):
        means = -sign * np.round(weights @ scores_kn.T, 12)
        first, last = (rankdata(means, method=m, axis=1)[:, :, None] for m in ("min", "max"))
        shares += (((first <= places) & (places <= last)) / (last - first + 1)).sum(axis=0)
        count += len(weights)
    return shares / count


def _friedman(scores_kn: NDArray[Any]) -> tuple[float, float]:
    from scipy.stats import friedmanchisquare

    scores = np.round(scores_kn, 12)
    if np.all(scores == scores[0]):
        return 0.0, 1.0
    found = friedmanchisquare(*scores)
    return float(found.statistic), float(found.pvalue)


def _groups(names: Sequence[str], ranks: NDArray[Any], critical: float) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[int, int]] = []
    for start in range(len(names)):
        end = int(np.searchsorted(ranks, ranks[start] + critical, side="right"))
        if end - start > 1 and (not found or end > found[-1][1]):
            found.append((start, end))
    return tuple(tuple(names[a:b]) for a, b in found)
