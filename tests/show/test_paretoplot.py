from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from delineate.show import paretoplot
from delineate.show.figures import new_figure
from delineate.show.paretoplot import Offer, draw_pareto, pareto_front


def test_front_by_definition() -> None:
    rng = np.random.default_rng(0)
    offers = [Offer(f"{i}", float(c), float(s)) for i, (c, s) in enumerate(rng.random((60, 2)))]
    for better, sign in (("higher", 1), ("lower", -1)):
        beaten = {o.name for o in offers for p in offers if p.cost < o.cost and sign * p.score > sign * o.score}
        assert {o.name for o in pareto_front(offers, better)} == {o.name for o in offers} - beaten


def test_of_equal_scores_the_cheaper_and_of_equal_costs_the_better() -> None:
    offers = [Offer("dear", 2, 0.9), Offer("cheap", 1, 0.9), Offer("worse", 1, 0.8)]
    assert [o.name for o in pareto_front(offers)] == ["cheap"]


@pytest.mark.parametrize("count", [1, 5, 30])
def test_names_the_front_and_as_many_others_as_find_room(count: int) -> None:
    rng = np.random.default_rng(1)
    offers = [
        Offer(f"net <{i}>", float(10 ** (3 * c)), float(s), (float(s) - 0.05, float(s) + 0.05))
        for i, (c, s) in enumerate(rng.random((count, 2)))
    ]
    root = ElementTree.fromstring(draw_pareto(offers, "seconds", "Dice"))
    words = {e.text for e in root.iter("{http://www.w3.org/2000/svg}text")}
    assert len(words & {o.name for o in offers}) >= min(count, 5)
    front = ", ".join(o.name for o in pareto_front(offers))
    assert front in root.get("aria-label")


def test_no_name_covers_another_or_a_dot() -> None:
    rng = np.random.default_rng(2)
    offers = [Offer(f"network {i}", float(c), float(s)) for i, (c, s) in enumerate(rng.random((40, 2)))]
    figure = new_figure(5.2, 3.3)
    axes = figure.add_axes((0.11, 0.14, 0.86, 0.83))
    axes.set(xlim=(-0.1, 1.1), ylim=(-0.1, 1.1))
    paretoplot._name(figure, axes, offers)
    boxes = [word.get_window_extent(figure.canvas.get_renderer()) for word in axes.texts]
    dots = axes.transData.transform([(o.cost, o.score) for o in offers])
    assert len(boxes) >= 15
    assert not any(box.contains(*dot) for box in boxes for dot in dots)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
