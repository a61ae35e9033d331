"""Lesions against scipy's labels and pairs counted one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from delineate.evaluate import lesions
from delineate.evaluate.lesions import Lesions, find_lesions


def brute_force(prediction: Any, truth: Any) -> tuple[list[float], list[float], list[float]]:
    """Covered shares of true and predicted lesions, and the IoUs above a half, by looking at every pair."""
    full = np.ones((3, 3, 3))
    (true, n), (found, m) = ndimage.label(truth, full), ndimage.label(prediction, full)
    trues, founds = [true == i for i in range(1, n + 1)], [found == j for j in range(1, m + 1)]
    covered = [(t & prediction).sum() / t.sum() for t in trues]
    correct = [(p & truth).sum() / p.sum() for p in founds]
    ious = [(t & p).sum() / (t | p).sum() for t in trues for p in founds]
    return covered, correct, [v for v in ious if v > 0.5]


def blobs(seed: int, shape: tuple[int, int, int]) -> Any:
    smooth = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.2)
    return smooth > 0.6 * smooth.std()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(20, 24, 28), (1, 40, 40), (30, 1, 30)])
@pytest.mark.parametrize("table", [0, 1 << 20])
def test_as_counted_pair_by_pair(monkeypatch: Any, seed: int, shape: Any, table: int) -> None:
    monkeypatch.setattr(lesions, "_SMALL_TABLE", table)
    truth = blobs(seed, shape)
    prediction = np.roll(truth, 1, axis=1) & ~blobs(seed + 50, shape) | blobs(seed + 90, shape)
    covered, correct, ious = brute_force(prediction, truth)
    assert len(covered) > 3
    found = find_lesions(prediction, truth)
    assert sorted(found.true_covered) == pytest.approx(sorted(covered))
    assert sorted(found.predicted_covered) == pytest.approx(sorted(correct))
    assert sorted(found.ious) == pytest.approx(sorted(ious))
    assert found.true_voxels.sum() == truth.sum() and found.predicted_voxels.sum() == prediction.sum()
    assert found.sensitivity == pytest.approx(np.mean(np.array(covered) >= 0.1))
    assert found.precision == pytest.approx(np.mean(np.array(correct) >= 0.1))


def row(text: str) -> Any:
    """A picture of one row: # is inside."""
    return np.array([[[c == "#" for c in text]]])


def test_by_hand() -> None:
    found = find_lesions(row("##..####....###"), row("##..#......##.."))
    assert found.true_voxels.tolist() == [2, 1, 2] and found.predicted_voxels.tolist() == [2, 4, 3]
    assert found.true_covered.tolist() == [1, 1, 0.5] and found.predicted_covered.tolist() == [1, 0.25, 1 / 3]
    assert found.ious.tolist() == [1]
    assert (found.sensitivity, found.precision, found.f1) == (1, 1, 1)
    assert found.recognition_quality == pytest.approx(2 / 6)
    assert found.segmentation_quality == 1


def test_a_tenth_is_enough_and_less_is_not() -> None:
    truth = row("#" * 20)
    two, one = find_lesions(row("#" * 2 + "." * 18), truth), find_lesions(row("#" + "." * 19), truth)
    assert two.found.tolist() == [True] and one.found.tolist() == [False]
    assert one.precision == 1 and one.f1 == 0
    two, one = find_lesions(truth, row("#" * 2 + "." * 18)), find_lesions(truth, row("#" + "." * 19))
    assert two.right.tolist() == [True] and one.right.tolist() == [False]


def test_calling_everything_a_lesion_is_found_out() -> None:
    truth = np.zeros((20, 20, 20), bool)
    truth[5:7, 5:7, 5:7] = truth[12:14, 12:14, 12:14] = True
    found = find_lesions(np.ones_like(truth), truth)
    assert found.sensitivity == 1 and found.precision == 0 and found.f1 == 0 and found.recognition_quality == 0


def test_corners_touch() -> None:
    corner = np.zeros((4, 4, 4), bool)
    corner[0, 0, 0] = corner[1, 1, 1] = True
    assert find_lesions(corner, corner).true_voxels.tolist() == [2]
    assert find_lesions(corner[:1], corner[1:2]).true_voxels.tolist() == [1]


def test_two_touching_lesions_predicted_as_one_are_found_but_not_the_same() -> None:
    found = find_lesions(row("#####"), row("##.##"))
    assert found.sensitivity == 1 and found.recognition_quality == 0 and found.segmentation_quality == 0


def test_nothing_there() -> None:
    nothing, one = np.zeros((3, 3, 3), bool), np.ones((3, 3, 3), bool)
    empty = find_lesions(nothing, nothing)
    assert np.isnan(empty.sensitivity) and np.isnan(empty.recognition_quality)
    assert find_lesions(nothing, one).sensitivity == 0
    assert find_lesions(one, nothing).precision == 0
    assert isinstance(find_lesions(np.zeros((0, 0, 0), bool), np.zeros((0, 0, 0), bool)), Lesions)
