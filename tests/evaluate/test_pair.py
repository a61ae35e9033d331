"""One class in one case."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.counts import Counts
from delineate.evaluate.pair import ClassPair


def test_masks_are_cut_and_counted() -> None:
    truth, prediction = np.zeros((3, 4, 5), np.uint8), np.zeros((3, 4, 5), bool)
    truth[1, 1:3, 2] = 7
    prediction[1:3, 2, 2:4] = True
    pair = ClassPair.of(prediction, truth, (5.0, 2.0, 1.0))
    assert pair.counts == Counts(1, 3, 1, 55, 0.01)
    assert pair.box == (slice(1, 3), slice(1, 3), slice(2, 4))
    assert pair.truth_zyx.shape == pair.prediction_zyx.shape == (2, 2, 2)
    assert pair.has_masks
    assert pair.diagonal_mm == pytest.approx(np.sqrt(15**2 + 8**2 + 5**2))


def test_what_nobody_labelled_is_in_neither() -> None:
    mask, valid = np.ones((1, 2, 3), bool), np.ones((1, 2, 3), bool)
    valid[0, 0] = False
    pair = ClassPair.of(mask, mask, valid_zyx=valid)
    assert pair.counts == Counts(3, 0, 0, 0)
    assert pair.box == (slice(0, 1), slice(1, 2), slice(0, 3))


def test_counts_alone_have_no_masks() -> None:
    assert not ClassPair.counted(Counts(1, 0, 0, 0)).has_masks
    assert ClassPair.counted(Counts(0, 0, 0, 5)).has_masks  # nothing is missing


def test_the_first_axis_of_one_voxel_is_flat() -> None:
    assert ClassPair.of(np.ones((2, 1, 3)), np.ones((2, 1, 3))).flat_axis == 1
    assert ClassPair.of(np.ones((1, 1, 3)), np.ones((1, 1, 3))).flat_axis == 0
    assert ClassPair.of(np.ones((2, 2, 2)), np.ones((2, 2, 2))).flat_axis is None
    assert ClassPair.of(np.ones((4, 1, 3)), np.ones((4, 1, 3)), (1.0, 9.0, 1.0)).diagonal_mm == 5  # in the plane


def test_surfaces_are_found_once() -> None:
    pair = ClassPair.of(np.ones((2, 2, 2)), np.ones((2, 2, 2)))
    assert pair.surfaces is pair.surfaces
