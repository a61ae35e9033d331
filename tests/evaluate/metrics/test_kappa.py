"""Cohen's kappa against the table of two readers, multiplied out."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair


def kappa(*counts: int) -> float:
    return METRICS["kappa"](ClassPair.counted(Counts(*counts)))


@pytest.mark.parametrize("seed", range(20))
def test_as_from_the_table_of_two_readers(seed: int) -> None:
    tp, fp, fn, tn = (int(n) for n in np.random.default_rng(seed).integers(1, 1000, 4))
    table = np.array([[tn, fp], [fn, tp]]) / (tp + fp + fn + tn)
    by_chance = np.outer(table.sum(axis=1), table.sum(axis=0)).trace()
    assert kappa(tp, fp, fn, tn) == pytest.approx(max(0.0, (table.trace() - by_chance) / (1 - by_chance)))


def test_cohens_own_kind_of_example() -> None:
    assert kappa(20, 5, 10, 15) == pytest.approx(0.4)


def test_ends_of_the_scale() -> None:
    assert kappa(5, 0, 0, 95) == 1
    assert kappa(100, 0, 0, 0) == 1
    assert kappa(0, 10, 10, 0) == 0  # worse than chance
    assert kappa(50, 50, 0, 0) == 0  # everything called foreground
    assert kappa(10**6, 1, 1, 10**9) == pytest.approx(1, abs=1e-5)
