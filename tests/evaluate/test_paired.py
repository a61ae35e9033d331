"""Pairs of models against scipy and, where it is installed, statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from delineate.evaluate.interval import mean_intervals
from delineate.evaluate.paired import cohens_dz, compare_pairs, holm
from delineate.evaluate.signedrank import signed_rank_p

RNG = np.random.default_rng(7)


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


def test_cohens_dz() -> None:
    differences = RNG.normal(1, 2, 40)
    statistic = stats.ttest_1samp(differences, 0).statistic  # t is d times the root of n
    assert cohens_dz(np.stack([differences, -differences])) == pytest.approx([n * statistic / 40**0.5 for n in (1, -1)])
    assert cohens_dz(np.stack([np.zeros(5), np.full(5, 0.1)])) == (0, None)
    assert cohens_dz(np.array([[0.2]])) == (None,)


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
    assert (turned.better, turned.losses, turned.ties, turned.difference) == ("b", 30, 0, first.difference)


def test_each_of_many_pairs_is_as_by_itself() -> None:
    scores = RNG.normal(0.8, 0.1, (5, 20))
    scores[1], scores[2, :4] = scores[0], scores[0, :4]
    pairs = compare_pairs(scores, "abcde", 1, 0.01, 0.05, 3)
    for pair in pairs:
        a, b = ("abcde".index(name) for name in (pair.first, pair.second))
        (alone,) = compare_pairs(scores[[a, b]], (pair.first, pair.second), 1, 0.01, 0.05, 3)
        ours, theirs = (p.model_dump(exclude={"first", "second", "p_holm", "better"}) for p in (pair, alone))
        assert ours == pytest.approx(theirs, rel=1e-12)
    assert [p.p_holm for p in pairs] == pytest.approx(list(holm([p.p for p in pairs])))


def test_the_interval_of_a_difference_is_narrower_than_that_of_unpaired_scores() -> None:
    hard = RNG.uniform(0.2, 1, 50)
    (pair,) = compare_pairs(np.stack([hard, hard - RNG.normal(0.02, 0.01, 50)]), ("a", "b"), 1, 0.0, 0.05, 0)
    theirs = stats.bootstrap((hard,), np.mean, n_resamples=500).confidence_interval
    assert pair.high - pair.low < 0.1 * (theirs.high - theirs.low)
    assert pair.low > 0 and pair.better == "a"


def test_rounding_makes_no_difference_larger_than_another() -> None:
    scores = np.array([[0.9, 0.8, 0.7, 0.3], [0.89, 0.81, 0.69, 0.1 + 0.2]])
    (pair,) = compare_pairs(scores, ("a", "b"), 1, 0.01, 0.05, 0)
    assert (pair.wins, pair.ties, pair.losses) == (0, 4, 0)  # 0.9 - 0.89 is more than 0.01 to a computer
    assert pair.rank_biserial == pytest.approx((2 + 2 - 2) / 6)  # three that are equally far share the ranks 1 to 3
    assert pair.p == pytest.approx(float(signed_rank_p(np.array([[1.0, -1, 1, 0]]))[0]))


def test_alpha_holds_for_all_pairs_together_and_sets_the_interval() -> None:
    scores = np.array([[0.9], [0.8], [0.7]]) - np.array([[1, 2, 3, 4, 5, 6]]) * np.array([[1], [2.5], [4.7]]) / 1000
    pairs = compare_pairs(scores, ("a", "b", "c"), 1, 0.0, 0.05, 3)
    assert all(p.p == pytest.approx(2 / 64) and p.p_holm == pytest.approx(6 / 64) for p in pairs)
    assert [p.better for p in pairs] == [None] * 3
    easy = compare_pairs(scores, ("a", "b", "c"), 1, 0.0, 0.1, 3)
    assert [p.better for p in easy] == ["a", "a", "b"]
    for level, found in ((0.95, pairs[0]), (0.9, easy[0])):
        (interval,) = mean_intervals(np.round(scores[0] - scores[1], 12)[:, None], 3, level, "bca")
        assert (found.low, found.high) == pytest.approx(tuple(interval))
