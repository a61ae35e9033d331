"""Bootstrap intervals against scipy's, and where they are undefined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from delineate.evaluate.interval import case_weights, mean_intervals, mean_of_means_intervals

SAMPLES = {
    "skewed": np.random.default_rng(1).beta(8, 1.5, 40),
    "few": np.array([0.1, 0.5, 0.55, 0.6, 0.7, 0.9, 0.95]),
    "distances": np.random.default_rng(2).exponential(7.0, 60),
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("way", ["percentile", "bca"])
def test_equals_scipy_within_the_noise_of_resampling(sample: np.ndarray, way: str) -> None:
    theirs = stats.bootstrap((sample,), np.mean, method=way, n_resamples=20_000, random_state=np.random.default_rng(0))
    (ours,) = mean_intervals(sample[:, None], way=way, resamples=20_000)
    noise = 0.04 * (theirs.confidence_interval.high - theirs.confidence_interval.low)
    assert tuple(ours) == pytest.approx(tuple(theirs.confidence_interval), abs=noise)


@pytest.mark.parametrize("sample", [*SAMPLES.values(), np.array([0.0, 0, 0, 0, 1, 1, 0.5])], ids=[*SAMPLES, "ties"])
def test_bca_by_its_formula(sample: np.ndarray) -> None:
    means = np.concatenate([w @ sample for w in case_weights(len(sample), resamples=4000)])
    below = stats.percentileofscore(means.round(12), sample.mean().round(12), "mean") / 100  # equal ones half
    left_out = np.array([np.delete(sample, i).mean() for i in range(len(sample))])  # the jackknife
    apart = left_out.mean() - left_out
    bias, skew = stats.norm.ppf(below), (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    moved = bias + stats.norm.ppf((0.025, 0.975))
    bounds = np.quantile(means, stats.norm.cdf(bias + moved / (1 - skew * moved)))
    (found,) = mean_intervals(sample[:, None], way="bca", resamples=4000)
    assert tuple(found) == pytest.approx(tuple(bounds), rel=1e-9)


def test_what_stands_beside_a_column_does_not_move_its_bounds() -> None:
    ties = np.round(np.linspace(0.1, 0.1125, 6), 4)[:, None]  # many resampled means equal that of the sample
    alone = mean_intervals(ties, 3, way="bca")[0]
    for others in (1, 2, 5):
        beside = np.hstack([ties, *[np.arange(6.0)[:, None] ** 0.5] * others])
        assert tuple(mean_intervals(beside, 3, way="bca")[0]) == pytest.approx(tuple(alone), rel=1e-9)


def test_bca_is_percentile_moved_towards_the_long_tail() -> None:
    sample = SAMPLES["distances"][:, None]
    (plain,), (moved,) = (mean_intervals(sample, way=w) for w in ("percentile", "bca"))
    assert moved.low > plain.low and moved.high > plain.high


def test_the_interval_covers_the_true_mean_about_as_often_as_promised() -> None:
    samples = np.random.default_rng(3).normal(0.8, 0.1, (30, 400))
    inside = np.mean([i.low <= 0.8 <= i.high for i in mean_intervals(samples)])
    assert 0.90 <= inside <= 0.98


def test_columns_are_independent_and_the_same_seed_gives_the_same_numbers() -> None:
    values = np.stack([SAMPLES["skewed"], SAMPLES["skewed"] * 100], axis=1)
    a, b = mean_intervals(values, seed=4)
    assert a == mean_intervals(values, seed=4)[0]
    assert tuple(a) == pytest.approx(tuple(mean_intervals(values[:, :1], seed=4)[0]), rel=1e-12)
    assert tuple(b) == pytest.approx((100 * a.low, 100 * a.high))
    assert a != mean_intervals(values, seed=5)[0]


def test_one_case_has_no_interval_and_equal_cases_one_of_no_width() -> None:
    assert mean_intervals(np.array([[0.7]])) == (None,)
    assert mean_intervals(np.empty((0, 2))) == (None, None)
    for way in ("percentile", "bca"):
        (same,) = mean_intervals(np.full((9, 1), 0.3), way=way)
        assert tuple(same) == pytest.approx((0.3, 0.3))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 20))
def test_a_lower_score_never_raises_a_percentile_bound(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random((n, 1))
    worse = values.copy()
    worse[rng.integers(n)] = 0
    (before,), (after,) = mean_intervals(values, resamples=300), mean_intervals(worse, resamples=300)
    assert after.low <= before.low + 1e-12 and after.high <= before.high + 1e-12


def test_weights_are_resamples_in_blocks_that_need_little_memory() -> None:
    blocks = list(case_weights(5000, resamples=2000))
    assert len(blocks) > 1 and sum(len(b) for b in blocks) == 2000
    assert np.allclose(np.concatenate(blocks[:1]).sum(axis=1), 1)
    drawn = next(case_weights(7)) * 7
    assert np.allclose(drawn, np.round(drawn)) and drawn.max() > 1


def test_the_mean_over_classes_by_hand() -> None:
    rng = np.random.default_rng(0)
    values, counted = rng.random((3, 12, 2)), rng.random((3, 12)) < 0.7
    counted[2] = False  # nowhere
    found = mean_of_means_intervals(values, counted)
    there = counted.any(axis=0)
    values, counted = values[:, there], counted[:, there]
    n, draws = int(there.sum()), []
    assert n < 12
    for weights in next(case_weights(n)):
        drawn = np.repeat(np.arange(n), np.round(weights * n).astype(int))
        means = [values[c, drawn][counted[c, drawn]].mean(axis=0) for c in range(3) if counted[c, drawn].any()]
        draws.append(np.mean(means, axis=0))
    bounds = np.quantile(draws, (0.025, 0.975), axis=0).T
    assert np.allclose(found, bounds, atol=1e-12)
    assert mean_of_means_intervals(values, np.zeros_like(counted)) == (None, None)


def test_cases_that_count_in_no_class_are_not_drawn() -> None:
    values, counted = np.random.default_rng(1).random((1, 6, 2)), np.array([[True, False, True, False, True, True]])
    found = mean_of_means_intervals(values, counted)
    assert np.allclose(found, mean_intervals(values[0, counted[0]]), atol=1e-12)
    assert mean_of_means_intervals(values, np.arange(6)[None] == 2) == (None, None)  # one case says nothing of others
