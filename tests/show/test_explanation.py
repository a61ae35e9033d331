"""A metric on paper: text and picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from delineate.core.labels import Labels
from delineate.evaluate.explanation import describe, measure
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair
from delineate.show.explanation import draw_explanation, show_metric
from delineate.show.facts import CasePicture

ORGAN = Labels.exclusive({1: "organ [left]"})


def case(shift: int = 1, size: int = 4) -> CasePicture:
    truth = np.zeros((12, 14, 16), np.uint8)
    truth[4 : 4 + size, 4 : 4 + size, 4 : 4 + size] = 1
    return CasePicture("c1", "", np.zeros_like(truth), truth, np.roll(truth, shift, 0), (2.0, 1.0, 1.0))


def test_the_picture_is_there_and_says_how_large_the_error_is() -> None:
    picture = draw_explanation(case(), ORGAN, "dice: c1")
    assert picture is not None and picture.png.startswith(b"\x89PNG")
    assert "ml" in picture.caption and picture.size[0] > picture.size[1]
    agreed = draw_explanation(case(0), ORGAN, "dice: c1")
    assert agreed is not None and "no error" in agreed.alt


def test_names_are_no_formulas() -> None:
    odd = Labels.exclusive({1: r"$\frac"}), r"dice: $\sqrt$_{"
    assert draw_explanation(case(), *odd) is not None


def test_two_empty_masks_have_no_picture() -> None:
    assert draw_explanation(case(size=0), ORGAN, "dice: c1") is None


def test_without_a_case_the_example_of_the_page_is_drawn(capsys: Any) -> None:
    show_metric(describe(METRICS["dice"]))
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    start = told.index("example      truth   prediction")
    assert told[start + 1 :] == [
        "....    ....", ".##.    ..##", ".##.    ..#.", "....    ....", "TP 2, FP 1, FN 2",
        "2 x 2 / (2 x 2 + 1 + 2) = 0.5714",
    ]  # fmt: skip


def test_the_text_holds_everything(capsys: Any) -> None:
    metric, facts = METRICS["lesion_f1"], case()
    numbers = measure(metric, ClassPair.of(facts.prediction_zyx, facts.truth_zyx), "organ [left]")
    show_metric(describe(metric), [numbers])
    told = capsys.readouterr().out
    for part in (
        "2 S P / (S + P)",
        "Commowick",
        "0 to 1",
        "higher is better",
        "one empty: 0",
        "organ [left]",
        "48",
        "16",
    ):
        assert part in told
