"""Slices of a case, beside each slice scored alone."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import GeometryError, LabelError, UsageError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.slices import SLICE_METRICS, CaseSlices, count_slices, parse_axis, slice_axis

SHAPE = (5, 7, 9)
SPACING_MM = (4.0, 2.0, 0.5)
EXCLUSIVE = Labels.exclusive({1: "a", 2: "b", 3: "nobody's"}, ignore_value=9)
REGIONS = Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2))


def made(labels: Labels, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Prediction and truth away from the image's border, with slices of one only along every axis."""
    rng = np.random.default_rng(seed)
    both = [np.zeros(SHAPE, labels.dtype) for _ in range(2)]
    for ids, (z, y, x) in zip(both, [(1, 2, 3), (3, 4, 6)], strict=True):
        ids[1:4, 1:6, 2:8] = rng.choice([0, 1, 2], (3, 5, 6))
        ids[z] = ids[:, y] = ids[:, :, x] = 0
    if labels.ignore_id is not None:
        both[1][2, 3:5, 3:6] = both[0][3, 3, 3:8] = labels.ignore_id
    return both[0], both[1]


@pytest.mark.parametrize("labels", [EXCLUSIVE, REGIONS], ids=["exclusive", "regions"])
@pytest.mark.parametrize(("axis", "number"), [("z", 0), ("y", 1), ("x", 2)])
@pytest.mark.parametrize("seed", range(3))
def test_every_slice_is_what_it_is_when_measured_alone(labels: Labels, axis: str, number: int, seed: int) -> None:
    prediction, truth = made(labels, seed)
    found = list(
        count_slices(prediction, truth, labels, Geometry(shape=SHAPE, spacing_mm=SPACING_MM), axis, "p").scores()
    )
    valid = np.ones(SHAPE, bool) if labels.ignore_id is None else truth != labels.ignore_id
    pixel_mm2 = {"z": 1.0, "y": 2.0, "x": 8.0}[axis]
    masks = zip(labels.names, labels.masks(prediction), labels.masks(truth), strict=True)
    expected = [
        (name, k, ClassPair.of(p.take([k], number), t.take([k], number), valid_zyx=valid.take([k], number)))
        for name, p, t in masks for k in range(SHAPE[number])
    ]  # fmt: skip
    assert {s.state for s in found} == {"present", "absent", "missed", "false alarm"}
    assert len(found) == len(expected)
    for score, (name, k, pair) in zip(found, expected, strict=True):
        assert (score.case, score.class_name, score.axis, score.number) == ("p", name, axis, k)
        assert score.state == pair.counts.state
        assert score.values == pytest.approx([METRICS[m](pair) for m in SLICE_METRICS], abs=0)
        areas = pair.counts.true * pixel_mm2, pair.counts.predicted * pixel_mm2
        assert (score.truth_mm2, score.predicted_mm2) == pytest.approx(areas)


def test_many_blocks_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Geometry(shape=SHAPE)
    whole = list(count_slices(*made(EXCLUSIVE), EXCLUSIVE, grid, "x").scores())
    monkeypatch.setattr("delineate.evaluate.slices._BLOCK", 40)
    assert list(count_slices(*made(EXCLUSIVE), EXCLUSIVE, grid, "x").scores()) == whole


def stack(true: str, predicted: str) -> CaseSlices:
    """Slices along z in which class 1 (``1``), class 2 (``2``), both (``3``) or none (``.``) stand."""
    labels = Labels.exclusive({1: "a", 2: "b"})
    ids = []
    for text in (predicted, true):
        array = np.zeros((len(text), 2, 2), np.uint8)
        for plane, letter in zip(array, text, strict=True):
            plane[0] = letter in "13"
            plane[1] = 2 * (letter in "23")
        ids.append(array)
    return count_slices(*ids, labels, Geometry(shape=ids[0].shape), "z")


def test_edges_are_the_first_and_the_last_slice_with_truth() -> None:
    found = stack(".131.1..", "11.3.12.")
    at = list(zip(found.class_of.tolist(), found.number_of.tolist(), strict=True))
    assert at == [(0, 0), (0, 1), (0, 2), (0, 3), (0, 5), (1, 2), (1, 3), (1, 6)]
    assert [a for a, edge in zip(at, found.edge, strict=True) if edge] == [(0, 1), (0, 5), (1, 2)]
    assert [a for a, middle in zip(at, found.middle, strict=True) if middle] == [(0, 2), (0, 3)]


def test_two_empty_masks_have_no_slice_but_absent_ones() -> None:
    found = stack("...", "...")
    assert found.edge.size == found.middle.size == 0 and found.values.shape == (0, 4)
    assert [(s.state, s.values) for s in found.scores()] == [("absent", (1.0,) * 4)] * 6


@pytest.mark.parametrize(
    ("shape", "spacing_mm", "axis"),
    [
        ((4, 5, 6), (3.0, 1.0, 1.0), 0), ((4, 5, 6), (1.0, 3.0, 1.0), 1), ((4, 5, 6), (1.0, 1.0, 3.0), 2),
        ((4, 5, 6), (1.0, 1.0, 1.0), 0), ((4, 5, 6), (0.9999999, 1.0, 1.0), 0), ((4, 5, 6), (0.5, 1.0, 1.0001), 1),
        ((1, 5, 6), (1.0, 2.0, 2.0), 0), ((4, 5, 1), (3.0, 1.0, 1.0), 2),
    ],
)  # fmt: skip
def test_auto_is_the_coarsest_axis(
    shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], axis: int
) -> None:
    grid = Geometry(shape=shape, spacing_mm=spacing_mm)
    assert slice_axis("auto", grid) == axis
    ids = np.ones(shape, np.uint8)
    found = count_slices(ids, ids, Labels.exclusive({1: "a"}), grid)
    assert (found.axis, found.slices) == ("zyx"[axis], shape[axis])
    assert [slice_axis(a, grid) for a in "zyx"] == [0, 1, 2]


def test_axes_are_read_from_text() -> None:
    assert [parse_axis(t) for t in ("auto", " Z", "y", "x")] == ["auto", "z", "y", "x"]
    for wrong in ("", "axial", "zy", "0"):
        with pytest.raises(UsageError, match="slices along"):
            parse_axis(wrong)


def test_what_does_not_fit_is_refused() -> None:
    ids, grid = np.ones((2, 3, 4), np.uint8), Geometry(shape=(2, 3, 4))
    with pytest.raises(GeometryError):
        count_slices(ids[:1], ids, EXCLUSIVE, grid)
    with pytest.raises(LabelError):
        count_slices(ids + 7, ids, EXCLUSIVE, grid)
