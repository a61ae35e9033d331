from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.calibration import Tally
from delineate.evaluate.certainties import Certainties, join_certainties, join_reliability


def drawn(seed, n):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 0.5, n)
    return p, rng.random(n) < p**1.5


def test_joined_parts_are_what_all_their_voxels_give_at_once():
    (p, y), (q, z) = drawn(0, 4000), drawn(1, 700)
    parts = [Tally.of(p, y).reliability("a"), Tally.of(q, z).reliability("a")]
    whole = Tally.of(np.concatenate([p, q]), np.concatenate([y, z])).reliability("a")
    joined = join_reliability(parts)
    for name in ("ece", "ace", "brier", "voxels"):
        assert getattr(joined, name) == pytest.approx(getattr(whole, name)), name
    for one, other in zip(joined.bins, whole.bins, strict=True):
        assert one.model_dump() == pytest.approx(other.model_dump())
    every = np.square(np.concatenate([p - y, q - z]))
    assert joined.brier == pytest.approx(every.mean())


def test_bins_that_are_empty_in_all_parts_stay_empty():
    one = Tally.of(np.array([0.5]), np.array([True])).reliability("a")
    joined = join_reliability([one, one])
    assert sum(b.count for b in joined.bins) == 2
    assert (joined.ece, joined.ace, joined.brier) == (one.ece, one.ace, one.brier) == (0.5, 0.5, 0.25)
    assert all(b.accuracy is None for b in joined.bins if not b.count)


def test_folds_join_by_class_and_survive_a_file(tmp_path):
    def fold(seed, case):
        p, y = drawn(seed, 500)
        return Certainties(
            classes=(Tally.of(p, y).reliability("a"), Tally.of(1 - p, ~y).reliability("b")), cases=(case,)
        )

    joined = join_certainties([fold(0, "x"), fold(1, "y")])
    assert joined.cases == ("x", "y") and [r.voxels for r in joined.classes] == [1000, 1000]
    joined.save(tmp_path / "calibration.json")
    assert Certainties.load(tmp_path / "calibration.json") == joined
    assert join_certainties([]) is None
