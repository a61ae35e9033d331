from __future__ import annotations

import numpy as np
import pytest

from delineate.dataset.landmarks import PERCENTILES, body_landmarks, spread_sample


def test_landmarks_are_percentiles_above_the_mean() -> None:
    values = np.random.default_rng(0).gamma(2, 50, (10, 20, 30))
    body = values[values > values.mean()]
    assert body_landmarks(values) == pytest.approx(np.percentile(body, PERCENTILES))


def test_odd_voxels_are_left_out() -> None:
    values = np.random.default_rng(0).uniform(1, 9, (5, 6, 7))
    clean = body_landmarks(values)
    odd = np.concatenate([values, np.full((1, 6, 7), np.nan), np.full((1, 6, 7), np.inf), np.zeros((1, 6, 7))])
    assert body_landmarks(odd) == pytest.approx(clean)
    assert body_landmarks(np.full((2, 2, 2), np.nan)) == ()


@pytest.mark.parametrize("shape", [(64, 64, 64), (7, 512, 512), (3, 5, 7), (1, 1, 1)])
def test_a_sample_is_spread_over_every_axis(shape: tuple[int, int, int]) -> None:
    places = np.arange(np.prod(shape)).reshape(shape)
    sample = spread_sample(places, 2000)
    assert 1 <= len(sample) <= 2000 and len(sample) > min(1000, places.size - 1)
    for axis, index in enumerate(np.unravel_index(sample, shape)):
        assert len(np.unique(index)) > 0.9 * shape[axis]
