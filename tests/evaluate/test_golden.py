"""Every metric on thirty cases computed by hand; the arithmetic stands beside each in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.score import score_case

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "metrics.json").read_text(encoding="utf-8"))["cases"]
LABELS = Labels.exclusive({1: "a"}, ignore_value=9)


def drawn(rows_zy: list[list[str]]) -> np.ndarray:
    ids = {".": 0, "#": 1, "?": LABELS.ignore_id}
    return np.asarray([[[ids[c] for c in row] for row in slice_] for slice_ in rows_zy], np.uint8)


def test_there_are_thirty() -> None:
    assert len({case["name"] for case in GOLDEN}) >= 30
    assert all(case["comment"] for case in GOLDEN)
    kinds = ("both empty", "prediction empty", "truth empty", "borders", "single voxel", "anisotropic")
    assert all(any(kind in case["name"] for case in GOLDEN) for kind in kinds)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda c: c["name"])
def test_golden(case: dict[str, Any]) -> None:
    truth = drawn(case["truth"])
    grid = Geometry(shape=truth.shape, spacing_mm=case["spacing_mm"])
    (score,) = score_case(drawn(case["prediction"]), truth, LABELS, grid)
    assert {n: score.values[n] for n in case["expected"]} == pytest.approx(case["expected"], abs=1e-6)
