"""The score table as the page shows it: beside each summary a dot per case."""

from __future__ import annotations

from dataclasses import dataclass

from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ClassSummary, ScoreTable


@dataclass(frozen=True)
class Dot:
    """One case on the strip of its class."""

    case: str
    dice: float


@dataclass(frozen=True)
class ClassRow:
    """A class: its summary over the cases, the Dice of each case that counts, the lowest of them."""

    summary: ClassSummary
    dots: tuple[Dot, ...]
    worst: Dot | None


def class_rows(table: ScoreTable) -> tuple[ClassRow, ...]:
    """A row per class, in the table's order; absent cases have no dot since they are in no mean."""
    rows = []
    for summary in table.classes:
        scores = [r for r in table.rows if r.class_name == summary.class_name and r.state != "absent"]
        dots = tuple(Dot(r.case, r.values["dice"]) for r in scores)
        rows.append(ClassRow(summary, dots, min(dots, key=lambda d: d.dice, default=None)))
    return tuple(rows)


def scores_by_case(table: ScoreTable) -> dict[str, dict[str, ClassScore]]:
    """Scores by case, then by class."""
    cases: dict[str, dict[str, ClassScore]] = {}
    for row in table.rows:
        cases.setdefault(row.case, {})[row.class_name] = row
    return cases


def case_means(table: ScoreTable, metric: str) -> dict[str, float | None]:
    """The mean over its classes that are not absent (None where all are), of the cases where the metric was
    measured: that may not have been in all of them."""
    values: dict[str, list[float]] = {}
    for row in table.rows:
        if metric in row.values:
            of_case = values.setdefault(row.case, [])
            of_case += [row.values[metric]] if row.state != "absent" else []
    return {case: sum(found) / len(found) if found else None for case, found in values.items()}


def worst_case(table: ScoreTable) -> Dot | None:
    """The case whose mean Dice over its classes is lowest."""
    means = [Dot(c.case, value) for c in table.cases if (value := c.metrics["dice"]) is not None]
    return min(means, key=lambda d: d.dice, default=None)
