from __future__ import annotations

import numpy as np
import pytest

from delineate.dataset.histogram import BINS, take_histogram

RNG = np.random.default_rng(0)


def test_shares_are_those_of_numpy() -> None:
    inside, outside = RNG.normal(100, 5, 4000).astype(np.float32), RNG.normal(0, 20, 9000).astype(np.float32)
    found = take_histogram("CT", inside, outside)
    assert len(found.edges) == BINS + 1 and not found.log
    for values, shares in ((inside, found.inside), (outside, found.outside)):
        counts = np.histogram(values, found.edges)[0]
        assert shares == pytest.approx(counts / counts.sum())
    assert found.edges[0] == pytest.approx(np.percentile(outside, 0.5), rel=1e-5)
    assert found.edges[-1] == pytest.approx(np.percentile(inside, 99.5), rel=1e-5)


def test_far_spread_intensities_get_logarithmic_bins() -> None:
    wide = np.concatenate([RNG.uniform(100, 200, 900), RNG.uniform(1e5, 1e6, 100)]).astype(np.float32)
    assert take_histogram("MR", wide, wide[:0]).log


def test_odd_samples() -> None:
    none = np.zeros(0, np.float32)
    assert take_histogram("CT", none, none).edges == ()
    same = take_histogram("CT", np.full(5, 7, np.float32), np.array([np.nan], np.float32))
    assert sum(same.inside) == pytest.approx(1) and same.outside == () and same.edges[0] < 7 < same.edges[-1]
