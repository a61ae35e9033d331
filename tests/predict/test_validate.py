from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.score import ClassScore
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.predict.validate import Validator, mean_dice
from delineate.store.trace import Trace

SHAPE = (3, 8, 8)


class Cases:
    """A store of scans whose first channel is 1 in the object and -1 beside it."""

    def whole(self, name):
        return np.where(truth(name) == 1, 1.0, -1.0)[None].astype(np.float32), truth(name)

    def trace(self, name):
        return Trace(
            original=Geometry(shape=SHAPE), axes=(0, 1, 2), flips=(False,) * 3, crop_start=(0, 0, 0), crop_shape=SHAPE,
            prepared_shape=SHAPE,
        )  # fmt: skip


class Perfect(nn.Module):
    """Answers with the object where the image is positive."""

    def forward(self, windows):
        return windows.repeat(1, 2, *[1] * (windows.ndim - 2)) * windows.new_tensor([-1.0, 1.0]).view(
            1, 2, *[1] * (windows.ndim - 2)
        )


def truth(name):
    ids = np.zeros(SHAPE, np.uint8)
    ids[:, 2:5, int(name) : int(name) + 3] = 1
    return ids


@pytest.fixture
def validator():
    stage = Stage(name="full", spacing_mm=(1, 1, 1), patch=(8, 8), batch=1, net=NetPlan(name="plain_unet"))
    plan = Plan(
        dims=2, axes=(0, 1, 2), channels=("MR",), labels=Labels.exclusive({1: "one"}),
        normalisers=(Normaliser(name="zscore"),), stages=(stage,), mirror_axes=(), anisotropic=False, crop="none",
        memory_bytes=1,
    )  # fmt: skip
    return Validator(Cases(), ("0", "1", "2"), plan, stage, truth)


def test_a_perfect_network_scores_one(validator):
    assert validator(Perfect(), None) == pytest.approx(1.0)
    assert [s.case for s in validator.scores] == ["0", "1", "2"]
    for name in validator.names:
        np.testing.assert_array_equal(validator.mask(name), truth(name))


def test_without_time_one_case_is_scored_and_later_scores_compare_that_one(validator):
    validator(Perfect(), 0.0)
    assert [s.case for s in validator.scores] == ["0"]
    assert validator(Perfect(), None) == pytest.approx(1.0)
    assert len(validator.scores) == 3


def test_with_more_time_the_score_is_still_over_the_cases_of_the_first(validator, monkeypatch):
    dice = dict(zip(validator.names, (0.8, 0.2, 0.1), strict=True))

    def score(self, model, name):
        return (ClassScore(case=name, class_name="a", state="present", values={"dice": dice[name]}),)

    monkeypatch.setattr(Validator, "score", score)
    assert validator(Perfect(), 0.0) == pytest.approx(0.8)
    assert validator(Perfect(), None) == pytest.approx(0.8) and len(validator.scores) == 3


def test_the_mean_is_over_classes_of_means_and_leaves_absent_ones_out():
    def score(name, dice, state="present"):
        return ClassScore(case="a", class_name=name, state=state, values={"dice": dice})

    scores = [score("a", 0.2), score("a", 0.4), score("b", 0.9), score("b", 1.0, "absent")]
    assert mean_dice(scores) == pytest.approx((0.3 + 0.9) / 2)
    assert mean_dice([]) == 0.0


def test_dice_by_case_is_the_mean_over_classes_and_leaves_out_who_has_none(validator):
    def score(case, name, dice, state="present"):
        return ClassScore(case=case, class_name=name, state=state, values={} if dice is None else {"dice": dice})

    validator.scores = (
        score("a", "one", 0.5), score("a", "two", 0.7), score("b", "one", None, "absent"),
        score("b", "two", 0.0, "missed"), score("c", "one", None, "absent"), score("c", "two", None, "absent"),
    )  # fmt: skip
    assert validator.dice_by_case() == {"a": pytest.approx(0.6), "b": 0.0}
