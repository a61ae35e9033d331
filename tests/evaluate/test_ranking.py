"""Ranks, Friedman and Nemenyi against published tables and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from delineate.evaluate.interval import case_weights
from delineate.evaluate.ranking import critical_difference, rank_models, rank_shares

RNG = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("alpha", "quantiles"),
    [
        (0.05, (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164)),
        (0.10, (1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920)),
    ],
)
def test_critical_values_are_those_of_the_paper(alpha: float, quantiles: tuple[float, ...]) -> None:
    """Demsar 2006, table 5(a)."""
    for models, quantile in enumerate(quantiles, 2):
        unit = np.sqrt(models * (models + 1) / 6)
        assert critical_difference(models, 1, alpha) == pytest.approx(quantile * unit, abs=1.5e-3 * unit)


def test_the_example_of_the_paper() -> None:
    """Demsar 2006, table 6: four classifiers on fourteen data sets."""
    areas = np.array([
        (0.763, 0.768, 0.771, 0.798), (0.599, 0.591, 0.590, 0.569), (0.954, 0.971, 0.968, 0.967),
        (0.628, 0.661, 0.654, 0.657), (0.882, 0.888, 0.886, 0.898), (0.936, 0.931, 0.916, 0.931),
        (0.661, 0.668, 0.609, 0.685), (0.583, 0.583, 0.563, 0.625), (0.775, 0.838, 0.866, 0.875),
        (1.000, 1.000, 1.000, 1.000), (0.940, 0.962, 0.965, 0.962), (0.619, 0.666, 0.614, 0.669),
        (0.972, 0.981, 0.9751, 0.975), (0.957, 0.978, 0.946, 0.970),
    ]).T  # fmt: skip
    found = rank_models(areas, ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"), 1)
    assert dict(zip(found.models, found.average_ranks, strict=True)) == {
        "C4.5": pytest.approx(3.143, abs=1e-3), "C4.5+m": pytest.approx(2.000, abs=1e-3),
        "C4.5+cf": pytest.approx(2.893, abs=1e-3), "C4.5+m+cf": pytest.approx(1.964, abs=1e-3),
    }  # fmt: skip
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    theirs = stats.friedmanchisquare(*areas)
    assert (found.friedman_statistic, found.friedman_p) == (
        pytest.approx(theirs.statistic),
        pytest.approx(theirs.pvalue),
    )
    assert found.groups == (found.models,)


def test_groups_are_the_largest_that_hold_together() -> None:
    ranks = np.array([[1, 2, 3, 4, 5]] * 60, float).T
    ranks[[0, 1], :24] = ranks[[1, 0], :24]  # the first two change places often
    found = rank_models(ranks, "abcde", -1)
    near = 0.7877  # critical_difference(5, 60)
    assert found.critical_difference == pytest.approx(near, abs=1e-3)
    assert found.groups == (("a", "b"),)


def test_lower_is_better_and_equal_scores_share_ranks() -> None:
    scores = np.array([[1.0, 2, 3], [1, 3, 4], [5, 5, 5]])
    found = rank_models(scores, "abc", -1)
    assert (found.models, found.average_ranks) == (("a", "b", "c"), (pytest.approx(3.5 / 3), pytest.approx(5.5 / 3), 3))
    assert rank_models(scores, "abc", 1).models == ("c", "b", "a")


def test_two_models_one_case_and_no_difference_at_all() -> None:
    two = rank_models(RNG.random((2, 9)), "ab", 1)
    assert (two.friedman_p, two.critical_difference, two.groups) == (None, None, ())
    assert rank_models(RNG.random((4, 1)), "abcd", 1).friedman_p is None
    same = rank_models(np.ones((3, 8)), "abc", 1)
    assert (same.friedman_p, same.groups) == (1.0, (("a", "b", "c"),))


def test_rank_shares_are_those_of_the_resamples() -> None:
    scores = RNG.normal(0, 1, (4, 15)) + np.array([[0.3], [0.2], [0.1], [0]])
    shares = rank_shares(scores, 1, seed=5)
    counted = np.zeros((4, 4))
    weights = next(case_weights(15, 5))
    for line in weights:
        for place, model in enumerate(np.argsort(-(scores @ line))):
            counted[model, place] += 1 / len(weights)
    assert np.allclose(shares, counted, atol=1e-9)
    assert np.allclose(shares.sum(axis=0), 1) and np.allclose(shares.sum(axis=1), 1)


def test_models_that_are_the_same_share_their_places() -> None:
    one = RNG.random(20)
    shares = rank_shares(np.stack([one, one, one - 1]), 1)
    assert np.allclose(shares, [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]])
    assert np.allclose(rank_shares(np.stack([one, one - 1]), -1), [[0, 1], [1, 0]])
