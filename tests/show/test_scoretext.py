from __future__ import annotations

import io

import pytest
from rich.console import Console

from delineate.evaluate.score import ClassScore
from delineate.evaluate.subgroups import split_by_size
from delineate.evaluate.table import ScoreTable, summarise
from delineate.show.scoretext import OTHERS, show_scores


def made() -> ScoreTable:
    scores = [
        ClassScore(
            case=f"p{i}", class_name=name, state="missed" if i == 3 else "present",
            values={"dice": 0.0 if i == 3 else 0.9 - i / 50, **dict.fromkeys(OTHERS, 0.5), "truth_volume_ml": 1.0 + i},
        )
        for i in range(8) for name in ("liver", "a class of a very long name [bold]")
    ]  # fmt: skip
    table = summarise(scores)
    return table.model_copy(update={"subgroups": split_by_size(table.rows), "notes": ("one note [x]",)})


def told(table: ScoreTable, width: int) -> str:
    text = io.StringIO()
    show_scores(table, Console(file=text, width=width, highlight=False))
    return text.getvalue()


@pytest.mark.parametrize("width", [80, 100])
def test_fits_a_terminal_and_cuts_no_number(width: int) -> None:
    text = told(made(), width)
    assert max(len(line) for line in text.splitlines()) <= width
    liver = next(line for line in text.splitlines() if line.startswith("liver"))
    dice = made().classes[0].metrics["dice"]
    for number in (dice.mean, dice.low, dice.high, dice.median, dice.q1, dice.q3):
        assert f"{number:.3f}" in liver
    assert liver.split()[-4:] == ["8", "0", "1", "0"]
    assert "one note [x]" in text and "smallest third" in " ".join(text.split())
    assert "…" in text


def test_what_has_no_mean_is_a_dash() -> None:
    table = summarise([ClassScore(case="p", class_name="a", state="absent", values={"dice": 1.0})])
    line = next(line for line in told(table, 90).splitlines() if line.startswith("a "))
    assert line.split() == ["a", "-", "-", "-", "-", "0", "1", "0", "0"]
