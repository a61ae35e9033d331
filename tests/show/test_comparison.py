"""What the page of a comparison is given; the page as a whole is tested with the board."""

from __future__ import annotations

import pytest

from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import summarise
from delineate.show.board import Cost, Entry
from delineate.show.comparison import _by_class, _natural, _number_of, _offer


def entry(cost: Cost) -> Entry:
    scores = [
        ClassScore(case=f"c{i}", class_name=name, state="present", values={"dice": level + i / 10})
        for i in range(3)
        for name, level in (("a", 0.5), ("b", 0.7))
    ]
    return Entry.of("net", summarise(scores), cost, 1, 1)


def test_an_offer_is_a_mean_with_its_interval_at_a_cost_in_the_unit_of_the_axis() -> None:
    made = entry(Cost(parameters=2_500_000, predict_s=3.0))
    offer = _offer(made, "parameters", 1e6)
    assert offer is not None and offer.interval is not None
    assert (offer.name, offer.cost, offer.score) == ("net", 2.5, pytest.approx(0.7))
    assert offer.interval == (made.quality["dice"].low, made.quality["dice"].high)
    assert _offer(made, "predict_s", 1.0).cost == 3.0
    assert _offer(made, "train_s", 1.0) is None
    assert _offer(made.model_copy(update={"quality": {}}), "parameters", 1.0) is None


def test_folds_are_in_the_order_of_their_numbers() -> None:
    assert sorted(["fold 10", "fold 2", "fold 9"], key=_natural) == ["fold 2", "fold 9", "fold 10"]


def test_classes_hold_their_means_and_numbers_the_digits_of_their_unit() -> None:
    assert _by_class([entry(Cost())]) == {"net": {"a": pytest.approx(0.6), "b": pytest.approx(0.8)}}
    assert (_number_of("dice") % 0.12345, _number_of("hd95") % 4.567) == ("0.1235", "4.57")
