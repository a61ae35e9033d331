"""Paired tests against brute force, scipy and, where it is installed, statsmodels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from delineate.evaluate.paired import cohens_dz, compare_pairs, holm, rank_biserial, signed_rank_p

RNG = np.random.default_rng(7)


def test_signed_rank_p_is_that_of_all_signs() -> None:
    differences = RNG.normal(0.3, 1, 9)
    ranks = stats.rankdata(np.abs(differences))
    seen = abs((ranks * np.sign(differences)).sum())
    every = np.array([abs((ranks * signs).sum()) for signs in product((-1, 1), repeat=9)])
    assert signed_rank_p(differences) == pytest.approx((every >= seen - 1e-9).mean())


def test_signed_rank_ranks_zeros_and_drops_them() -> None:
    differences = np.concatenate([np.zeros(6), RNG.normal(0.5, 1, 30)])
    ranks = stats.rankdata(np.abs(differences))[6:]  # Pratt 1959
    up = ranks[differences[6:] > 0].sum()
    n, zeros = 36, 6
    middle = (n * (n + 1) - zeros * (zeros + 1)) / 4
    spread = np.sqrt((n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1)) / 24)
    assert signed_rank_p(differences) == pytest.approx(2 * stats.norm.sf(abs(up - middle) / spread))
    assert signed_rank_p(np.zeros(12)) == 1
    assert signed_rank_p(np.array([0.0, 0.0, 0.1])) <= 1


def test_holm_by_hand_and_by_definition() -> None:
    assert holm((0.01, 0.04, 0.03)) == pytest.approx((0.03, 0.06, 0.06))
    p = RNG.random(12) ** 3
    order = sorted(p)
    for one, corrected in zip(p, holm(p), strict=True):
        before = [min(1, (len(p) - i) * q) for i, q in enumerate(order) if q <= one]
        assert corrected == pytest.approx(max(before))
    assert holm([]) == ()


def test_holm_equals_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = RNG.random(20) ** 4
    assert holm(p) == pytest.approx(multitest.multipletests(p, method="holm")[1].tolist())


def test_rank_biserial_counts_rank_sums() -> None:
    assert rank_biserial(np.array([1.0, 2, 3])) == 1
    assert rank_biserial(np.array([-1.0, 2, 3])) == pytest.approx((5 - 1) / 6)
    assert rank_biserial(np.array([0.0, -1, 1])) == 0
    assert rank_biserial(np.zeros(4)) == 0
    differences = RNG.normal(0.2, 1, 50)
    smaller = stats.wilcoxon(differences).statistic
    assert abs(rank_biserial(differences)) == pytest.approx(1 - 2 * smaller / (50 * 51 / 2))


def test_cohens_dz() -> None:
    differences = RNG.normal(1, 2, 40)
    statistic = stats.ttest_1samp(differences, 0).statistic  # t is d times the root of n
    assert cohens_dz(differences) == pytest.approx(statistic / np.sqrt(40))
    assert cohens_dz(np.zeros(5)) == 0
    assert cohens_dz(np.full(5, 0.1)) is None


def test_pairs_say_who_wins_by_the_direction_of_the_metric() -> None:
    good = RNG.uniform(0.8, 0.9, 30)
    scores = np.stack([good, good - 0.05, good + RNG.normal(0, 1e-3, 30)])
    first, level, last = compare_pairs(scores, ("a", "b", "c"), 1, 0.01, 0.05, 0)
    assert (first.first, first.second, first.better) == ("a", "b", "a")
    assert (first.wins, first.ties, first.losses) == (30, 0, 0)
    assert (first.difference, first.rank_biserial) == (pytest.approx(0.05), 1)
    assert first.low == pytest.approx(0.05) and first.high == pytest.approx(0.05)
    assert (level.better, level.ties, last.better) == (None, 30, "c")
    assert level.low < level.difference < level.high
    assert first.p_holm >= first.p
    turned, *_ = compare_pairs(scores, ("a", "b", "c"), -1, 0.01, 0.05, 0)
    assert (turned.better, turned.losses, turned.difference) == ("b", 30, first.difference)


def test_the_interval_of_a_difference_is_narrower_than_that_of_unpaired_scores() -> None:
    hard = RNG.uniform(0.2, 1, 50)
    (pair,) = compare_pairs(np.stack([hard, hard - RNG.normal(0.02, 0.01, 50)]), ("a", "b"), 1, 0.0, 0.05, 0)
    theirs = stats.bootstrap((hard,), np.mean, n_resamples=500).confidence_interval
    assert pair.high - pair.low < 0.1 * (theirs.high - theirs.low)
    assert pair.low > 0 and pair.better == "a"
