"""The tolerance of the normalised surface distance."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.metric import METRICS
from delineate.evaluate.metrics.nsd import normalised_surface_distance, nsd_at
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.score import score_case


def moved(by: int, spacing_mm: float) -> ClassPair:
    truth = np.zeros((3, 3, 20), bool)
    truth[1, 1, 2] = True
    return ClassPair.of(np.roll(truth, by, 2), truth, (1.0, 1.0, spacing_mm))


@pytest.mark.parametrize("spacing", [0.1, 0.3, 0.7, 0.9375, 1.1])
@pytest.mark.parametrize("voxels", [1, 3, 7])
def test_a_distance_that_equals_the_tolerance_is_within(spacing: float, voxels: int) -> None:
    pair = moved(voxels + 1, spacing)  # patches of the nearer side are `voxels` away, of the further one more
    assert normalised_surface_distance(pair, voxels * spacing) == pytest.approx(0.5)
    assert normalised_surface_distance(pair, voxels * spacing * 0.999) == pytest.approx(0.0)


def test_never_falls_with_the_tolerance() -> None:
    rng = np.random.default_rng(0)
    pair = ClassPair.of(rng.random((6, 7, 8)) < 0.1, rng.random((6, 7, 8)) < 0.1)
    shares = [normalised_surface_distance(pair, t) for t in (0.0, 0.5, 1.0, 1.5, 2.0, 5.0, 20.0)]
    assert shares == sorted(shares)
    assert (shares[0] > 0, shares[-1]) == (True, 1)


def test_another_tolerance_is_another_metric() -> None:
    assert [nsd_at(t).name for t in (1, 2.5)] == ["nsd_1mm", "nsd_2.5mm"]
    assert "nsd_1mm" not in METRICS
    ids = np.zeros((2, 3, 9), np.uint8)
    ids[0, 0, 1] = 1
    grid = Geometry(shape=ids.shape, spacing_mm=(1.0, 1.0, 1.5))
    chosen = (METRICS["nsd"], nsd_at(1.0))
    (score,) = score_case(np.roll(ids, 1, 2), ids, Labels.exclusive({1: "a"}), grid, metrics=chosen)
    assert score.values == {"nsd": 1.0, "nsd_1mm": pytest.approx(0.5)}
