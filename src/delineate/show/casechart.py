"""Every case of every class: a box with dots for each class, and all cases in a row from the worst to the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable
from delineate.show.chart import Axis, Bar, Chart, Line, Mark, Word, share_grid
from delineate.show.scoretable import ClassRow, class_rows

MOST_MARKS = 3000
"""Dots of a drawing; of more cases the best are left out of it."""
_WIDTH = 680.0
_ROW = 44.0
_LEVELS = (0, -5, 5, -2.5, 2.5)


def draw_classes(table: ScoreTable, colours: Mapping[str, str]) -> Chart | None:
    """A row for each class, those of the lowest median first: the box holds the middle half of the cases, the line
    is the median, the whiskers end at the last case within 1.5 boxes (Tukey 1977). None without a case."""
    rows = sorted((r for r in class_rows(table) if r.dots), key=_median)
    if not rows:
        return None
    axis = Axis(0, 1, 16, _WIDTH - 16)
    height = _ROW * len(rows)
    grid, words = share_grid(axis, (6, height + 4), upright=True)
    bars: list[Bar] = []
    lines: list[Line] = []
    marks: list[Mark] = []
    budget = MOST_MARKS // len(rows)
    for number, row in enumerate(rows):
        y, colour = _ROW * number + 31, colours.get(row.summary.class_name, "var(--accent)")
        words.append(Word(16, y - 15, row.summary.class_name, "start", strong=True))
        _add_box(row, axis, y, colour, bars, lines)
        dots = sorted(row.dots, key=lambda d: d.dice)[:budget]
        marks += [
            Mark(axis(d.dice), y + _LEVELS[i % len(_LEVELS)], colour, f"{d.case}: {d.dice:.3f}")
            for i, d in enumerate(dots)
        ]
    told = "Dice of every case for each class: " + "; ".join(
        f"{r.summary.class_name} median {_median(r):.3f}" for r in rows[:12]
    )
    return Chart(_WIDTH, height + 24, told, tuple(words), grid, tuple(bars), tuple(lines), tuple(marks))


def draw_cases(table: ScoreTable, colours: Mapping[str, str]) -> Chart | None:
    """All cases from the worst mean to the best: a dot for each class, a line for the mean. None without a case."""
    ranked = rank_cases(table)
    most = max(1, MOST_MARKS // max(len(table.classes), 1))
    shown = ranked[:most]
    if not shown:
        return None
    x, y = Axis(0.0, max(len(shown) - 1, 1), 44, _WIDTH - 12), Axis(0, 1, 214, 10)
    grid, words = share_grid(y, (34, _WIDTH))
    place = {case: x(i) for i, (case, _) in enumerate(shown)}
    marks = [
        Mark(place[r.case], y(r.values["dice"]), colours.get(r.class_name, "var(--accent)"), _told(r))
        for r in table.rows
        if r.case in place and r.state != "absent"
    ]
    mean = Line(tuple((place[case], y(value)) for case, value in shown), "var(--ink)", width=1.4)
    words += [Word(44, 238, "worst case", "start"), Word(_WIDTH - 12, 238, "best case", "end")]
    if len(shown) < len(ranked):
        words[-1] = Word(_WIDTH - 12, 238, f"the worst {len(shown)} of {len(ranked)} cases", "end")
    told = f"Dice of {len(shown)} cases from {shown[0][0]} ({shown[0][1]:.3f}) to {shown[-1][0]} ({shown[-1][1]:.3f})"
    return Chart(_WIDTH, 246, told, tuple(words), grid, (), (mean,), tuple(marks))


def rank_cases(table: ScoreTable) -> list[tuple[str, float]]:
    """Cases with their mean Dice, the worst first; cases without any class are left out."""
    return sorted(
        ((c.case, value) for c in table.cases if (value := c.metrics.get("dice")) is not None), key=lambda c: c[1]
    )


def box_numbers(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """Lower whisker, lower quartile, median, upper quartile, upper whisker; the whiskers end at the last value within
    1.5 boxes (Tukey 1977)."""
    low, middle, high = (float(q) for q in np.percentile(values, (25, 50, 75)))
    reach = 1.5 * (high - low)
    inside = [v for v in values if low - reach <= v <= high + reach]
    return min([*inside, low]), low, middle, high, max([*inside, high])


def _median(row: ClassRow) -> float:
    return float(np.median([d.dice for d in row.dots]))


def _told(row: ClassScore) -> str:
    state = "" if row.state == "present" else f" ({row.state})"
    return f"{row.case}: {row.class_name} {row.values['dice']:.3f}{state}"


def _add_box(row: ClassRow, axis: Axis, y: float, colour: str, bars: list[Bar], lines: list[Line]) -> None:
    low, first, middle, last, high = (axis(v) for v in box_numbers([d.dice for d in row.dots]))
    told = f"{row.summary.class_name}: median {_median(row):.3f}, {len(row.dots)} cases"
    bars.append(Bar(first, y - 10, round(max(last - first, 1.0), 1), 20, colour, told, 0.22))
    lines.append(Line(((low, y), (first, y)), colour))
    lines.append(Line(((last, y), (high, y)), colour))
    lines.append(Line(((middle, y - 10), (middle, y + 10)), "var(--ink)", width=2))
