"""Counting voxels, against a brute-force count and SimpleITK."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import GeometryError, LabelError
from delineate.core.labels import Labels
from delineate.evaluate import counts as module
from delineate.evaluate.counts import Counts, confusion, count_classes
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair

THREE = Labels.exclusive({1: "a", 2: "b", 3: "c"})
REGIONS = Labels.of_regions({"whole": (1, 2, 3), "core": (2, 3), "enhancing": (3,)}, order=(1, 2, 3), ignore_value=9)


def brute(prediction: np.ndarray, truth: np.ndarray, labels: Labels) -> list[tuple[int, int, int, int]]:
    seen = np.ones(truth.shape, bool) if labels.ignore_id is None else truth != labels.ignore_id
    found = []
    for p, t in zip(labels.masks(prediction), labels.masks(truth), strict=True):
        masks = (p & t & seen, p & ~t & seen, ~p & t & seen, ~p & ~t & seen)
        found.append(tuple(int(m.sum()) for m in masks))
    return found


@pytest.mark.parametrize("labels", [THREE, REGIONS], ids=["exclusive", "regions"])
@pytest.mark.parametrize("slab", [7, 1 << 22])
def test_agrees_with_brute_force(labels: Labels, slab: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLAB", slab)
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, (5, 6, 7)).astype(labels.dtype)
    prediction = rng.integers(0, 4, (5, 6, 7)).astype(labels.dtype)
    if labels.ignore_id is not None:
        truth[:2] = labels.ignore_id
        prediction[4, 0] = labels.ignore_id
    got = count_classes(confusion(prediction, truth, labels), labels, 0.5)
    assert [(c.tp, c.fp, c.fn, c.tn) for c in got] == brute(prediction, truth, labels)
    assert {c.voxel_ml for c in got} == {0.5}


def test_agrees_with_simpleitk() -> None:
    sitk = pytest.importorskip("SimpleITK")
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, (8, 9, 10)).astype(np.uint8)
    prediction = np.where(rng.random(truth.shape) < 0.6, truth, rng.integers(0, 4, truth.shape)).astype(np.uint8)
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(sitk.GetImageFromArray(prediction), sitk.GetImageFromArray(truth))
    for label, counts in enumerate(count_classes(confusion(prediction, truth, THREE), THREE, 1.0), 1):
        reference = {
            "dice": measures.GetDiceCoefficient(label),
            "iou": measures.GetJaccardCoefficient(label),
            "precision": 1 - measures.GetFalseDiscoveryRate(label),
            "recall": 1 - measures.GetFalseNegativeError(label),
            "false_negative_rate": measures.GetFalseNegativeError(label),
            "false_positive_rate": measures.GetFalsePositiveError(label),
        }
        assert {n: METRICS[n](ClassPair.counted(counts)) for n in reference} == pytest.approx(reference, abs=1e-9)


def test_a_region_is_right_where_any_of_its_ids_is() -> None:
    truth, prediction = np.array([[[1, 2, 3, 0]]], np.uint8), np.array([[[3, 3, 2, 0]]], np.uint8)
    whole, core, enhancing = count_classes(confusion(prediction, truth, REGIONS), REGIONS, 1.0)
    assert (whole.tp, whole.fp, whole.fn, whole.tn) == (3, 0, 0, 1)
    assert (core.tp, core.fp, core.fn, core.tn) == (2, 1, 0, 1)
    assert (enhancing.tp, enhancing.fp, enhancing.fn, enhancing.tn) == (0, 2, 1, 1)


def test_an_unlabelled_truth_leaves_nothing_to_count() -> None:
    truth = np.full((2, 2, 2), REGIONS.ignore_id, np.uint8)
    assert confusion(np.ones_like(truth), truth, REGIONS).sum() == 0
    assert count_classes(confusion(np.ones_like(truth), truth, REGIONS), REGIONS, 1.0)[0].state == "absent"


@pytest.mark.parametrize(
    ("counts", "state"),
    [((1, 0, 0, 0), "present"), ((0, 1, 1, 0), "present"), ((0, 0, 0, 1), "absent"), ((0, 0, 1, 0), "missed"),
     ((0, 1, 0, 0), "false alarm")],
)  # fmt: skip
def test_state(counts: tuple[int, int, int, int], state: str) -> None:
    assert Counts(*counts).state == state


def test_refuses_other_shapes_and_unknown_ids() -> None:
    zeros = np.zeros((2, 3, 4), np.uint8)
    with pytest.raises(GeometryError, match="shape"):
        confusion(zeros[:1], zeros, THREE)
    with pytest.raises(LabelError, match=r"prediction.*\[7\]"):
        confusion(zeros + 7, zeros, THREE)
    with pytest.raises(LabelError, match=r"truth.*\[-1\]"):
        confusion(zeros, zeros.astype(np.int16) - 1, THREE)
    with pytest.raises(LabelError, match="float"):
        confusion(zeros, zeros.astype(float), THREE)
