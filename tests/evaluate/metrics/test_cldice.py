"""Centreline Dice: a broken vessel is worse than a thin one, which Dice has the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair


def tube(radius: float, length: int = 40, middle: tuple[int, int] = (10, 10)) -> Any:
    z, y, x = np.indices((length + 4, 21, 21))
    return (np.hypot(y - middle[0], x - middle[1]) <= radius) & (z >= 2) & (z < length + 2)


def score(name: str, prediction: Any, truth: Any) -> float:
    return METRICS[name](ClassPair.of(prediction, truth))


def test_the_same_is_perfect_and_beside_it_is_nothing() -> None:
    assert score("cldice", tube(3), tube(3)) == 1
    assert score("cldice", tube(2), tube(2, middle=(10, 17))) == 0


def test_thickness_does_not_matter_and_a_gap_does() -> None:
    thin, broken = tube(1), tube(3)
    broken[18:30] = False
    assert score("cldice", thin, tube(3)) > 0.95 > score("cldice", broken, tube(3))
    assert score("dice", thin, tube(3)) < score("dice", broken, tube(3))


def test_by_hand() -> None:
    truth, prediction = np.zeros((1, 9, 30), bool), np.zeros((1, 9, 30), bool)
    truth[0, 4, 0:20] = True  # one voxel thick: its own centreline
    prediction[0, 4, 15:30] = True
    assert score("cldice", prediction, truth) == pytest.approx(2 * (5 / 15) * (5 / 20) / (5 / 15 + 5 / 20))


def test_as_with_the_centrelines_of_scikit_image() -> None:
    thin = pytest.importorskip("skimage.morphology").skeletonize
    truth = tube(3) | tube(3).transpose(1, 0, 2)[:44].repeat(3, axis=0)[:44, :21, :21]
    prediction = np.roll(truth, 2, axis=2) & np.roll(truth, 1, axis=1)
    precision, sensitivity = (
        (thin(a) & b).sum() / thin(a).sum() for a, b in ((prediction, truth), (truth, prediction))
    )
    theirs = 2 * precision * sensitivity / (precision + sensitivity)
    assert score("cldice", prediction, truth) == pytest.approx(theirs, abs=0.1)
