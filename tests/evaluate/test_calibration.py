"""Calibration against sums over voxels one by one, and against numbers known beforehand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from delineate.evaluate import calibration
from delineate.evaluate.calibration import BINS, Reliability, Tally


def brute_force(p: Any, y: Any) -> tuple[float, float, float]:
    """Expected and average calibration error and the Brier score, a voxel at a time."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, true in zip(p.ravel().tolist(), y.ravel().tolist(), strict=True):
        place = next(i for i in range(BINS) if probability <= (i + 1) / BINS or i == BINS - 1)
        bins.setdefault(place, []).append((probability, true))
    gaps = [(len(b), abs(math.fsum(v for v, _ in b) - sum(t for _, t in b)) / len(b)) for b in bins.values()]
    brier = math.fsum((v - t) ** 2 for b in bins.values() for v, t in b) / p.size
    return sum(n * g for n, g in gaps) / p.size, sum(g for _, g in gaps) / len(gaps), brier


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("slab", [50, 1 << 20])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_as_summed_voxel_by_voxel(monkeypatch: Any, seed: int, slab: int, dtype: Any) -> None:
    monkeypatch.setattr(calibration, "_SLAB", slab)
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 2, (6, 7, 8)).astype(dtype)
    y = rng.random(p.shape) < p**2
    found = Tally.of(p, y).reliability("organ")
    assert (found.ece, found.ace, found.brier) == pytest.approx(brute_force(p, y), rel=1e-9)
    assert sum(b.count for b in found.bins) == found.voxels == p.size


def test_by_hand() -> None:
    p = np.array([[[0.0, 0.05, 0.1, 0.9, 1.0]]])
    y = np.array([[[False, False, True, True, False]]])
    found = Tally.of(p, y).reliability("organ", "c1")
    first, second, late, last = found.bins[0], found.bins[1], found.bins[13], found.bins[14]
    assert (first.count, first.confidence, first.accuracy) == (2, 0.025, 0.0)
    assert (second.count, second.confidence, second.accuracy) == (1, 0.1, 1.0)
    assert (late.count, late.confidence, late.accuracy) == (1, 0.9, 1.0)
    assert (last.count, last.confidence, last.accuracy) == (1, 1.0, 0.0)
    assert found.bins[7].confidence is None and found.bins[7].count == 0
    assert found.ece == pytest.approx((2 * 0.025 + 0.9 + 0.1 + 1) / 5)
    assert found.ace == pytest.approx((0.025 + 0.9 + 0.1 + 1) / 4)
    assert found.brier == pytest.approx((0.05**2 + 0.9**2 + 0.1**2 + 1) / 5)


def test_edges_belong_to_the_bin_below() -> None:
    p = np.array([[[0.0, 0.2, 1.0]]])
    counts = [b.count for b in Tally.of(p, p > 0.5).reliability("organ").bins]
    assert counts[0] == counts[2] == counts[14] == 1


def test_a_certain_and_right_map_is_perfect_and_a_wrong_one_is_as_bad_as_can_be() -> None:
    y = np.random.default_rng(0).random((4, 5, 6)) < 0.3
    right, wrong = (Tally.of(p.astype(np.float32), y).reliability("organ") for p in (y, ~y))
    assert (right.ece, right.ace, right.brier) == (0, 0, 0)
    assert (wrong.ece, wrong.ace, wrong.brier) == (1, 1, 1)


def test_true_probabilities_are_calibrated() -> None:
    rng = np.random.default_rng(1)
    p = rng.random((40, 50, 50)).astype(np.float32)
    found = Tally.of(p, rng.random(p.shape) < p).reliability("organ")
    assert found.ece < 0.01 and found.brier == pytest.approx(1 / 6, abs=0.01)


def test_unlabelled_voxels_are_left_out_and_cases_add_up() -> None:
    rng = np.random.default_rng(2)
    p, y, valid = rng.random((4, 5, 6)), rng.random((4, 5, 6)) < 0.4, rng.random((4, 5, 6)) < 0.7
    whole = Tally.of(p[valid].reshape(1, 1, -1), y[valid].reshape(1, 1, -1)).reliability("organ")
    assert Tally.of(p, y, valid).reliability("organ") == whole
    both = Tally.of(p[:2], y[:2], valid[:2])
    both += Tally.of(p[2:], y[2:], valid[2:])
    for number in ("ece", "ace", "brier"):
        assert getattr(both.reliability("organ"), number) == pytest.approx(getattr(whole, number))
    assert both.reliability("organ").voxels == whole.voxels == int(valid.sum())


def test_no_voxels_no_error() -> None:
    nothing = np.zeros((2, 2, 2), bool)
    found = Tally.of(nothing.astype(np.float32), nothing, nothing).reliability("organ")
    assert (found.voxels, found.ece, found.ace, found.brier) == (0, 0, 0, 0)


def test_survives_json() -> None:
    found = Tally.of(np.full((1, 1, 4), 0.3), np.array([[[1, 0, 0, 1]]], bool)).reliability("organ")
    assert Reliability.model_validate_json(found.model_dump_json()) == found
