from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.calibration import Tally
from delineate.evaluate.certainties import Certainties
from delineate.show.reliabilitychart import MOST_CLASSES, draw_reliability, verdict


def reliability(name, bend=1.0, n=200000):
    """A class that is there with the probability given to the power of ``bend``."""
    rng = np.random.default_rng(0)
    p = rng.random(n)
    return Tally.of(p, rng.random(n) < p**bend).reliability(name)


def test_a_network_that_is_right_as_often_as_it_says_is_about_right():
    assert verdict(reliability("a")) == "about right"
    # for p above 8/15, where the upper bins begin, p - p**2 has the mean 0.161 and p**0.35 - p the mean 0.141
    assert verdict(reliability("a", 2.0)) == "too sure, by 16 points"
    assert verdict(reliability("a", 0.35)) == "not sure enough, by 14 points"
    assert verdict(Tally.of(np.full(50, 0.1), np.zeros(50, bool)).reliability("a")) == "never sure"


def test_dots_stand_at_the_mean_probability_and_share_of_their_bin():
    sure = reliability("a", 2.0)
    (chart,) = draw_reliability(Certainties(classes=(sure,), cases=("x",)), {"a": "#123456"})
    assert len(chart.marks) == 15 and chart.title == "a: too sure, by 16 points"
    rng = np.random.default_rng(0)
    p = rng.random(200000)
    y = rng.random(200000) < p**2
    place = np.digitize(p, np.linspace(0, 1, 16)) - 1  # brute force
    for k, mark in enumerate(chart.marks):
        assert mark.x == pytest.approx(40 + p[place == k].mean() * (306 - 40), abs=0.1)
        assert mark.y == pytest.approx(254 - y[place == k].mean() * (254 - 12), abs=0.1)


def test_classes_that_are_off_the_most_come_first_and_unseen_ones_not_at_all():
    unseen = Tally.of(np.full(50, 0.01), np.zeros(50, bool)).reliability("unseen")
    classes = (unseen, *(reliability(f"c{i}", 1 + i / 4, 2000) for i in range(12)))
    charts = draw_reliability(Certainties(classes=classes, cases=("x",)), {})
    assert len(charts) == MOST_CLASSES and charts[0].title.startswith("c11")


def test_bins_of_a_few_voxels_are_no_evidence():
    few = Tally.of(np.array([0.1] * 50 + [0.9] * 9), np.zeros(59, bool)).reliability("a")
    assert verdict(few) == "never sure"
