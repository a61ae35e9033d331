"""The page of `evaluate`: every number of a score table in one HTML file that asks the network for nothing."""

from __future__ import annotations

from typing import Any

from delineate.evaluate.metric import METRICS
from delineate.evaluate.table import ScoreTable
from delineate.show.page import render_page, show_score
from delineate.show.palette import class_colours
from delineate.show.scoretable import class_rows, scores_by_case, worst_case

_MOST_CASES = 2000


def scores_page(table: ScoreTable, title: str) -> str:
    """The page as text."""
    return render_page("scores.html.j2", _view(table, title))


def _view(table: ScoreTable, title: str) -> dict[str, Any]:
    names = [c.class_name for c in table.classes]
    columns = dict.fromkeys(g.column for g in table.subgroups)
    return {
        "title": title,
        "table": table,
        "rows": class_rows(table),
        "colours": dict(zip(names, class_colours(len(names)), strict=True)),
        "by_case": scores_by_case(table),
        "cases": table.cases[:_MOST_CASES],
        "worst": worst_case(table),
        "units": {m: METRICS[m].unit if m in METRICS else "" for m in table.foreground},
        "subgroups": {c: [g for g in table.subgroups if g.column == c] for c in columns},
        "number": show_score,
        "between": _between,
    }


def _between(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{show_score(low)} to {show_score(high)}"
