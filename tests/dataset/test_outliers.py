from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from delineate.dataset.outliers import Quantity, find_outliers, robust_z

NAMES = tuple("abcdefgh")


def test_scores_are_those_of_scipy() -> None:
    values = np.random.default_rng(0).normal(5, 2, 50)
    wanted = (values - np.median(values)) / median_abs_deviation(values, scale="normal")
    assert robust_z(values) == pytest.approx(wanted, rel=1e-4)  # 0.6745 is rounded


def test_a_majority_of_equal_values_is_judged_by_the_mean_deviation() -> None:
    values = [1.0] * 9 + [2.0]
    assert robust_z(values)[-1] == pytest.approx(1 / (1.253314 * 0.1))
    assert not robust_z([3.0] * 6).any()
    assert not robust_z([1.5, 1.5 + 1e-9, 1.5 - 1e-9, 1.5, 1.5]).any()
    assert robust_z([]).size == 0


def test_the_odd_one_is_named() -> None:
    odd = Quantity(name="q", unit="mm", values=(1.0, 1.1, 0.9, 1.0, 1.05, None, 9.0, float("nan")))
    found = find_outliers(NAMES, [odd])
    assert [(o.case, o.value, o.median, o.unit) for o in found] == [("g", 9.0, pytest.approx(1.025), "mm")]
    assert found[0].z > 3.5


def test_ratios_count_on_a_logarithm() -> None:
    values = (1.0, 2.0, 4.0, 8.0, 0.5, 0.25, 1.0, 16.0)
    assert not find_outliers(NAMES, [Quantity(name="q", unit="", values=values, log=True)])
    assert find_outliers(NAMES, [Quantity(name="q", unit="", values=values)])


def test_few_values_are_never_odd() -> None:
    assert not find_outliers(NAMES[:4], [Quantity(name="q", unit="", values=(1.0, 1.0, 1.0, 99.0))])
