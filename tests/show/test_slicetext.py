from __future__ import annotations

import io

from rich.console import Console

from delineate.evaluate.slicetable import SlicePart, SliceSummary
from delineate.show.slicetext import show_slices


def part(dice: float | None, n: int, missed: int) -> SlicePart:
    return SlicePart(n=n, missed=missed, metrics={"dice": dice, "iou": dice, "precision": dice, "recall": dice})


def made(name: str, dice: float | None, n: int) -> SliceSummary:
    edge, middle = part(0.512, 24, 7), part(None, 0, 0)
    return SliceSummary(
        class_name=name, absent=4105, false_alarm=32, edge=edge, middle=middle, **dict(part(dice, n, 16))
    )


def test_fits_a_terminal_and_cuts_no_number() -> None:
    text = io.StringIO()
    console = Console(file=text, width=80, highlight=False)
    show_slices([made("liver", 0.8764, 12345), made("a class of a very long name [bold]", 0.5, 1)], console)
    lines = text.getvalue().splitlines()
    table = [line for line in lines if not line.startswith("note")]
    assert max(map(len, table)) <= 80
    (liver,) = (line.split() for line in lines if line.startswith("liver"))
    expected = ["liver", "0.876", "12345", "4105", "16", "32", "0.512", "24", "7", "-", "0", "0"]
    assert liver == expected
    assert "…" in text.getvalue() and "the first and the last slice" in text.getvalue()
