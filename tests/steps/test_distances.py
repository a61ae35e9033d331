from __future__ import annotations

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.metric import counting_metrics
from delineate.evaluate.score import score_case
from delineate.steps.distances import DISTANCES, Distances, time_for_distances_s

LABELS = Labels.exclusive({1: "liver", 2: "cyst"})
GRID = Geometry(shape=(12, 14, 16), spacing_mm=(3.0, 1.0, 1.0))
ENOUGH = 2**40


def masks(shift: int):
    truth = np.zeros(GRID.shape, np.uint8)
    truth[2:8, 3:9, 4:10] = 1
    return np.roll(truth, shift, 1), truth


@pytest.fixture
def counted():
    """Scores of two cases as a validation leaves them."""
    return tuple(
        score
        for case, shift in (("a", 1), ("b", 2))
        for score in score_case(*masks(shift), LABELS, GRID, case, counting_metrics())
    )


def test_the_values_are_those_of_evaluate_beside_what_was_counted(counted):
    distances = Distances(LABELS, ENOUGH)
    assert all(distances.measure(*masks(shift), GRID, case) for case, shift in (("a", 1), ("b", 2)))
    full = {
        (s.case, s.class_name): s for case, n in (("a", 1), ("b", 2)) for s in score_case(*masks(n), LABELS, GRID, case)
    }
    added = distances.add_to(counted)
    assert [(s.case, s.class_name, s.state) for s in added] == [(s.case, s.class_name, s.state) for s in counted]
    for score in added:
        wanted = full[score.case, score.class_name].values
        assert {"dice", *DISTANCES} < set(score.values)
        assert score.values == {name: wanted[name] for name in score.values}
    assert added[0].values["hd95"] == pytest.approx(1.0) and added[2].values["hd95"] == pytest.approx(2.0)


def test_a_missed_class_is_as_far_away_as_can_be(counted):
    prediction, truth = np.zeros(GRID.shape, np.uint8), masks(0)[1]
    distances = Distances(LABELS, ENOUGH)
    distances.measure(prediction, truth, GRID, "a")
    assert distances.values["a", "liver"]["hd95"] == pytest.approx(np.linalg.norm([36, 14, 16]))
    assert distances.values["a", "liver"]["nsd"] == 0


@pytest.mark.parametrize(("budget", "seconds"), [(0, None), (ENOUGH, 0.0), (ENOUGH, -1.0)])
def test_what_memory_or_time_do_not_allow_is_left_out(counted, budget, seconds):
    distances = Distances(LABELS, budget)
    assert not distances.measure(*masks(1), GRID, "a", seconds)
    assert distances.add_to(counted) == counted


def test_the_time_set_aside_grows_with_the_scans_up_to_a_hundredth():
    few, many = ([(100, 100, 100)] * n for n in (2, 20))
    assert 0 < time_for_distances_s(few, 1e6) < time_for_distances_s(many, 1e6) < 10
    assert time_for_distances_s([(512, 512, 512)] * 20, 600.0) == 6.0
