from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from delineate.show.boxplot import _telling, draw_boxes

RNG = np.random.default_rng(0)


def scores(models: int, classes: int, cases: int) -> dict[str, dict[str, list[float]]]:
    return {f"net{m}": {f"c{c}": RNG.random(cases).tolist() for c in range(classes)} for m in range(models)}


@pytest.mark.parametrize(("models", "classes", "cases"), [(1, 1, 1), (3, 2, 40), (30, 4, 10)])
def test_draws_every_model_and_class(models: int, classes: int, cases: int) -> None:
    root = ElementTree.fromstring(draw_boxes(scores(models, classes, cases), "Dice <1>"))
    words = {e.text for e in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {f"net{m}" for m in range(models)} | {f"c{c}" for c in range(classes)} | {"Dice <1>"} <= words


def test_many_cases_stay_a_small_file() -> None:
    assert len(draw_boxes(scores(10, 12, 300), "Dice")) < 600_000


def test_a_model_without_a_class_has_no_box_there() -> None:
    given = scores(2, 2, 9)
    del given["net1"]["c1"]
    given["net0"]["c0"] = []
    ElementTree.fromstring(draw_boxes(given, "Dice"))


def test_of_many_classes_those_are_drawn_that_tell_models_apart() -> None:
    given = {"a": {f"c{i}": [0.5] for i in range(20)}, "b": {f"c{i}": [0.5] for i in range(20)}}
    given["b"]["c7"], given["b"]["c15"] = [0.9], [0.1]
    assert _telling(given, tuple(given["a"]), 2) == ("c7", "c15")
    assert "18 more classes are not drawn" in draw_boxes(given, "Dice", most=2)
