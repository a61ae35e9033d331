"""One case measured."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.case import CasePair
from delineate.evaluate.metric import METRICS, counting_metrics
from delineate.evaluate.score import score_case

LABELS = Labels.exclusive({1: "liver", 2: "lesion", 3: "kidney", 4: "spleen"})


def test_every_class_and_every_metric() -> None:
    geometry = Geometry(shape=(1, 4, 4), spacing_mm=(5.0, 2.0, 1.0))
    truth = np.zeros((1, 4, 4), np.uint8)
    truth[0, :2], truth[0, 3, 3] = 1, 2
    prediction = np.zeros((1, 4, 4), np.uint8)
    prediction[0, :2, :3], prediction[0, 3, 0] = 1, 3
    liver, lesion, kidney, spleen = score_case(prediction, truth, LABELS, geometry, "p1")
    assert [s.state for s in (liver, lesion, kidney, spleen)] == ["present", "missed", "false alarm", "absent"]
    assert {s.case for s in (liver, lesion)} == {"p1"}
    assert (liver.class_name, spleen.class_name) == ("liver", "spleen")
    assert liver.values.keys() == set(METRICS.names())
    assert liver.values["dice"] == pytest.approx(12 / 14)
    assert liver.values["volume_ml"] == pytest.approx(0.06)
    assert liver.values["truth_volume_ml"] == pytest.approx(0.08)
    assert liver.values["volume_error_ml"] == pytest.approx(0.02)
    assert [s.values["dice"] for s in (lesion, kidney, spleen)] == [0, 0, 1]


def test_only_the_metrics_that_are_asked_for_and_no_masks_for_those_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.zeros((2, 4, 4), np.uint8)
    truth[0, 0, 0] = 1
    grid = Geometry(shape=truth.shape)
    (score, *_) = score_case(truth, truth, LABELS, grid, metrics=[METRICS["hd"], METRICS["dice"]])
    assert score.values == {"hd": 0.0, "dice": 1.0}
    monkeypatch.setattr(CasePair, "pair", lambda *_: pytest.fail("masks were cut"))
    scores = score_case(truth, truth, LABELS, grid, metrics=counting_metrics())
    assert scores[0].values.keys() == {m.name for m in counting_metrics()}
    assert [s.state for s in scores] == ["present", "absent", "absent", "absent"]
