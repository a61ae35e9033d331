"""Wilcoxon's signed-rank test (1945) and its effect size, for many pairs of models at once.

Zeros are ranked and then dropped (Pratt 1959).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

ZERO_METHOD = "pratt"

_ALL_SIGNS = 13
"""Up to so many cases every assignment of signs counts, ties and zeros or not; beyond, ties make the test a normal
approximation. (scipy does the same, by trying the 2^13 assignments one by one: a second for each pair.)"""


def signed_rank_p(differences_pn: NDArray[Any]) -> NDArray[np.float64]:
    """The two-sided p of each line of ``[pairs, n cases]``; 1 where no case differs.

    Exact for few cases, else the normal approximation (scipy's choice).
    """
    from scipy.stats import wilcoxon

    differences = np.asarray(differences_pn, np.float64)
    n = differences.shape[1]
    zero = (differences == 0).any(axis=1)
    tied = (np.diff(np.sort(np.abs(differences), axis=1)) == 0).any(axis=1)
    differs = differences.any(axis=1)
    by_signs = differs & (zero | tied) & (n <= _ALL_SIGNS)
    found = np.ones(len(differences))
    if by_signs.any():
        found[by_signs] = _of_all_signs(differences[by_signs])
    for with_zero in (False, True):  # what scipy does depends on whether any line has a zero or a tie
        for with_tie in (False, True):
            alike = differs & ~by_signs & (zero == with_zero) & (tied == with_tie)
            if alike.any():
                with warnings.catch_warnings():  # older scipy warns of small samples; what they lack is told apart
                    warnings.simplefilter("ignore", UserWarning)
                    found[alike] = wilcoxon(differences[alike], zero_method=ZERO_METHOD, axis=1).pvalue
    return found


def rank_biserial(differences_pn: NDArray[Any]) -> NDArray[np.float64]:
    """(Rank sum of positive - rank sum of negative) / both, of each line, zeros left out (Kerby 2014); 0 where no case
    differs."""
    differences = np.asarray(differences_pn, np.float64)
    zeros = (differences == 0).sum(axis=1, keepdims=True)
    ranks = np.where(differences == 0, 0.0, _ranks(differences) - zeros)
    every = ranks.sum(axis=1)
    return np.divide((ranks * np.sign(differences)).sum(axis=1), every, out=np.zeros_like(every), where=every > 0)


def _of_all_signs(differences_pn: NDArray[Any]) -> NDArray[np.float64]:
    """The share of all assignments of signs that are at least as far out as the one seen, twice the smaller side.

    Shares of rank sums are built up rank by rank; ranks are doubled, since tied ones end in a half.
    """
    doubled = np.rint(2 * _ranks(differences_pn)).astype(np.int64)
    doubled[differences_pn == 0] = 0
    found = []
    for ranks, seen in zip(doubled, (doubled * (differences_pn > 0)).sum(axis=1), strict=True):
        shares = np.ones(1)
        for rank in ranks[ranks > 0]:
            shares = (np.pad(shares, (0, rank)) + np.pad(shares, (rank, 0))) / 2
        found.append(min(1.0, 2 * min(shares[: seen + 1].sum(), shares[seen:].sum())))
    return np.array(found)


def _ranks(differences_pn: NDArray[Any]) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    return np.asarray(rankdata(np.abs(differences_pn), axis=1))
