"""Panoptic quality by hand, where lesions are found without being the same."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair


def test_only_lesions_that_are_the_same_count() -> None:
    truth, prediction = (np.array([[[c == "#" for c in row]]]) for row in ("###..####....###", "##...#......##.."))
    pair = ClassPair.of(prediction, truth)
    # three and three lesions, of which one pair is the same with an IoU of 2 / 3; all are found and right
    values = {n: METRICS[n](pair) for n in ("lesion_f1", "recognition_quality", "segmentation_quality")}
    assert values == pytest.approx({"lesion_f1": 1, "recognition_quality": 1 / 3, "segmentation_quality": 2 / 3})
    assert METRICS["panoptic_quality"](pair) == pytest.approx(2 / 9)
