from __future__ import annotations

import numpy as np
import pytest

from delineate.core.labels import Labels
from delineate.steps.certainty import Certainty

RNG = np.random.default_rng(0)


def test_classes_are_told_by_the_channel_of_their_id_and_unlabelled_voxels_left_out():
    labels = Labels.exclusive({1: "a", 2: "b"}, ignore_value=9)
    p = RNG.dirichlet((1, 1, 1), 300).T.astype(np.float32)
    ids = RNG.integers(0, 3, 300).astype(np.uint8)
    ids[:50] = labels.ignore_id
    certainty = Certainty(labels)
    certainty("case", p, ids)
    found = certainty.of(["case", "another"])
    assert found.cases == ("case",)
    for k, r in enumerate(found.classes, 1):
        assert r.voxels == 250
        assert r.brier == pytest.approx(np.square(p[k, 50:] - (ids[50:] == k)).mean(), rel=1e-5)


def test_regions_have_a_channel_each_and_overlap():
    labels = Labels.of_regions({"whole": (1, 2), "core": (2,)}, (1, 2))
    p = RNG.random((2, 200)).astype(np.float32)
    ids = RNG.integers(0, 3, 200).astype(np.uint8)
    certainty = Certainty(labels)
    certainty("case", p, ids)
    whole, core = certainty.of(["case"]).classes
    assert whole.brier == pytest.approx(np.square(p[0] - (ids > 0)).mean(), rel=1e-5)
    assert core.brier == pytest.approx(np.square(p[1] - (ids == 2)).mean(), rel=1e-5)


def test_a_case_told_again_counts_as_told_last():
    labels = Labels.exclusive({1: "a"})
    certainty = Certainty(labels)
    wrong, ids = np.array([[1.0] * 4, [0.0] * 4], np.float32), np.ones(4, np.uint8)
    certainty("case", wrong, ids)
    certainty("case", wrong[::-1], ids)
    (only,) = certainty.of(["case"]).classes
    assert only.voxels == 4 and only.brier == 0
    assert Certainty(labels).of(["case"]) is None
