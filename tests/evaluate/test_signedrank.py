"""The signed-rank test of many pairs at once against all signs tried one by one, Pratt's paper and scipy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from delineate.evaluate.signedrank import rank_biserial, signed_rank_p

RNG = np.random.default_rng(7)


def of_all_signs(differences: np.ndarray) -> float:
    """Ranks of all, signs of those that are not zero in every way; the share that lies as far from the middle."""
    moved = differences != 0
    ranks = stats.rankdata(np.abs(differences))[moved]
    seen = abs((ranks * np.sign(differences[moved])).sum())
    every = np.array([abs((ranks * signs).sum()) for signs in product((-1, 1), repeat=len(ranks))])
    return float((every >= seen - 1e-9).mean())


@pytest.mark.parametrize("kind", ["plain", "zeros", "ties", "zeros and ties"])
@pytest.mark.parametrize("n", [5, 9])
def test_few_cases_are_exact_whatever_ties(kind: str, n: int) -> None:
    differences = RNG.normal(0.3, 1, (6, n))
    if "ties" in kind:
        differences = np.round(2 * differences) / 2 + 0.25
        differences[:, 1] = -differences[:, 0]
    if "zeros" in kind:
        differences[:, : n // 3] = 0
    assert signed_rank_p(differences) == pytest.approx([of_all_signs(d) for d in differences])


def test_ranks_zeros_and_drops_them() -> None:
    differences = np.concatenate([np.zeros(6), RNG.normal(0.5, 1, 30)])
    ranks = stats.rankdata(np.abs(differences))[6:]  # Pratt 1959
    up = ranks[differences[6:] > 0].sum()
    n, zeros = 36, 6
    middle = (n * (n + 1) - zeros * (zeros + 1)) / 4
    spread = np.sqrt((n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1)) / 24)
    assert signed_rank_p(differences[None]) == pytest.approx([2 * stats.norm.sf(abs(up - middle) / spread)])


def test_where_no_case_differs_it_is_one() -> None:
    assert signed_rank_p(np.zeros((2, 12))).tolist() == [1, 1]
    assert signed_rank_p(np.array([[0.0, 0.0, 0.1]])).tolist() == [1]


@pytest.mark.parametrize("n", [6, 30, 60])
def test_each_of_many_pairs_is_what_scipy_says_of_it_alone(n: int) -> None:
    """Some lines with ties, some with zeros, in one call: none changes what is done with another."""
    lines = RNG.normal(0.2, 1, (8, n))
    lines[1:3, 0] = 0
    lines[2:4, 1] = lines[2:4, 2]
    lines[4] = 0
    alone = [stats.wilcoxon(d, zero_method="pratt").pvalue if d.any() else 1.0 for d in lines]
    assert signed_rank_p(lines) == pytest.approx(alone)


def test_rank_biserial_counts_rank_sums() -> None:
    by_hand = [[1.0, 2, 3], [-1, 2, 3], [0, -1, 1], [0, -1, 2], [0, 0, 0]]
    assert rank_biserial(np.array(by_hand)) == pytest.approx([1, (5 - 1) / 6, 0, (2 - 1) / 3, 0])
    differences = RNG.normal(0.2, 1, 50)
    smaller = stats.wilcoxon(differences).statistic
    assert abs(rank_biserial(differences[None])) == pytest.approx([1 - 2 * smaller / (50 * 51 / 2)])
