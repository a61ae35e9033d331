"""How costs and scores are worded; the table itself is tested with the board."""

from __future__ import annotations

import pytest
from rich.console import Console

from delineate.evaluate.comparison import compare_tables
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable, summarise
from delineate.show.board import Board, Cost, Entry, Quality
from delineate.show.leaderboard import COSTS, interval, metric_head, number, show_board


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (Cost(), ["-"] * 5),
        (
            Cost(
                parameters=31_200_000, multiply_adds=1_024_000_000_000, peak_bytes=2 * 1024**3,
                device_peak_bytes=1024**3, predict_s=2.5, train_s=600,
            ),
            ["31.2 M", "1,024 G", "2.0 GiB + 1.0 GiB GPU", "2.5 s", "10 min 0 s"],
        ),
        (Cost(parameters=999_700_000, multiply_adds=99_960_000_000), ["1,000 M", "100 G", "-", "-", "-"]),
    ],
)  # fmt: skip
def test_costs(cost: Cost, told: list[str]) -> None:
    assert [show(cost) for _, show in COSTS] == told


def test_scores_have_the_digits_of_their_unit() -> None:
    assert (number(0.87654, "dice"), number(4.5678, "hd95"), number(None, "dice")) == ("0.8765", "4.57", "-")
    assert interval(Quality(mean=0.5, low=0.25, high=0.75), "dice") == "0.2500 to 0.7500"
    assert interval(Quality(mean=0.5), "dice") == "-"
    assert (metric_head("hd95"), metric_head("boundary_iou")) == ("HD95 (mm)", "boundary iou")


def test_who_is_first_is_told_in_percent_and_against_whom() -> None:
    def table(shift: float) -> ScoreTable:
        return summarise(
            ClassScore(case=f"c{i}", class_name="a", state="present", values={"dice": 0.5 + shift * (i + 1) / 9})
            for i in range(8)
        )

    tables = {"good": table(0.5), "poor": table(0.1)}
    entries = tuple(Entry.of(name, t, Cost(), 2, 2) for name, t in tables.items())
    found = compare_tables(tables)
    board = Board(title="t", asked=(), metrics=("dice",), entries=entries, comparisons=(found,))
    console = Console(record=True, width=200)
    show_board(board, console)
    good, poor = (line for line in console.export_text().splitlines() if "good" in line or "poor" in line)
    assert "100 %" in good and "2/2" in good and "0.7500" in good
    assert " 0 %" in poor and "0.5500*" in poor and f"{found.pairs[0].p_holm:.3g}" in poor
