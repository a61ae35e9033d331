"""When an answer is a bad one."""

from __future__ import annotations

import pytest

from delineate.dataset.alignment import Alignment
from delineate.steps.symptoms import (
    Diagnosis,
    by_heart,
    kept_by_augmentation,
    not_empty,
    nothing_drawn,
    place_of_masks,
    same_windows,
    sense_of_loss,
)

WELL = Alignment("well", (0, 0, 0), 1.0)
OFF = [Alignment(f"off{i}", (0, 1, 0), 1.5) for i in range(3)]


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ([WELL] * 4, "ok"),
        ([WELL, WELL, Alignment("hardly", (1, 0, 0), 1.19)], "ok"),
        ([WELL, WELL, WELL, OFF[0]], "warning"),
        ([WELL, WELL, *OFF[:2]], "failed"),
        ([OFF[0]], "warning"),
        ([], "warning"),
    ],
)
def test_masks_that_fit_better_elsewhere(found, state):
    assert place_of_masks(found).state == state


def test_the_cases_and_the_shift_that_most_share_are_named():
    told = place_of_masks([WELL, Alignment("odd", (2, 0, 0), 3.0), *OFF]).told
    assert "in 4 of 5 cases (odd, off0, off1, off2)" in told and "in 3 of them by (0, 1, 0)" in told


def test_windows_must_be_the_same_to_the_bit():
    assert same_windows(0.0).state == "ok" and same_windows(1e-7).state == "failed"


@pytest.mark.parametrize(
    ("varied", "state"),
    [
        ((0.1, 0.0, 1.0), "ok"),
        ((0.04, 0.0, 1.0), "warning"),
        ((0.21, 0.0, 1.0), "warning"),
        ((0.1, 2.1, 1.0), "warning"),
    ],
)
def test_augmentation_that_takes_too_much(varied, state):
    assert kept_by_augmentation(0.1, 0.0, 2.0, *varied).state == state


@pytest.mark.parametrize(
    ("losses", "state"),
    [
        ((0.1, 1.0, 2.0), "ok"),
        ((1.0, 1.0, 2.0), "failed"),
        ((1.5, 2.0, 1.0), "failed"),
        ((float("nan"), 1, 1), "failed"),
    ],
)
def test_the_right_answer_must_have_the_lowest_loss(losses, state):
    assert sense_of_loss(dict(zip(("right", "background", "wrong"), losses, strict=True))).state == state


@pytest.mark.parametrize(
    ("dice", "state"), [(0.8, "ok"), (0.79, "warning"), (0.49, "failed"), (float("nan"), "failed")]
)
def test_one_batch(dice, state):
    found = by_heart(dice, [2.0, 1.0])
    assert found.state == state and bool(found.advice) == (state != "ok") and "after 2 steps" in found.told


def test_a_loss_that_falls_while_nothing_is_predicted_is_told():
    assert not_empty(True, [1.0, 0.1]).state == "ok"
    assert "while the loss falls" in not_empty(False, [1.0, 0.89]).told
    assert "falls" not in not_empty(False, [1.0, 0.91]).told
    assert not_empty(False, [1.0, 0.91]).state == "failed"


def test_only_what_failed_makes_it_bad():
    bad, warned = nothing_drawn(3), place_of_masks([])
    assert not Diagnosis(findings=(warned, bad), losses=()).ok and Diagnosis(findings=(warned,), losses=()).ok
