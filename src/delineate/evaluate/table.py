"""`ScoreTable`: the scores of many cases, and means that say what they leave out."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from delineate.core.errors import UsageError
from delineate.core.files import write_text
from delineate.core.record import Record
from delineate.evaluate.score import ClassScore
from delineate.evaluate.slicetable import SliceSummary
from delineate.evaluate.statistic import PARTS, Statistic
from delineate.evaluate.subgroups import Subgroup
from delineate.evaluate.summary import ClassSummary, Summary, grouped, shared_metrics, summary_of

__all__ = ["CaseSummary", "ClassSummary", "ScoreTable", "Statistic", "summarise"]


class CaseSummary(Record):
    """One case: the mean over its ``n`` classes that are not absent."""

    case: str
    n: int
    metrics: dict[str, float | None]


class ScoreTable(Summary):
    """Every score, the summary per class and over the classes, per case, and of the subgroups that were asked for.

    ``slices`` is the summary per class over slices, where it was asked for.
    ``notes`` say what a reader of the numbers must know: cases without a row in the file of groups, for one.
    """

    rows: tuple[ClassScore, ...]
    cases: tuple[CaseSummary, ...]
    subgroups: tuple[Subgroup, ...] = ()
    slices: tuple[SliceSummary, ...] = ()
    notes: tuple[str, ...] = ()

    def save_json(self, path: Path) -> None:
        """Write everything as JSON, atomically; `load` reads it back."""
        self.save(path)

    def save_csv(self, path: Path) -> None:
        """Write one line per case and class, atomically."""
        names = tuple(dict.fromkeys(n for r in self.rows for n in r.values))
        lines = [("case", "class", "state", *names)]
        lines += [(r.case, r.class_name, r.state, *(_text(r.values.get(n)) for n in names)) for r in self.rows]
        write_text(path, _csv(lines))

    def save_summary_csv(self, path: Path) -> None:
        """Write one line per class with every `Statistic` of every metric, atomically."""
        names = tuple(self.foreground)
        lines = [("class", *_columns(names)), *((c.class_name, *_numbers(c, names)) for c in self.classes)]
        write_text(path, _csv(lines))

    def save_subgroups_csv(self, path: Path) -> None:
        """Write one line per subgroup and class with every `Statistic` of every metric, atomically."""
        names = tuple(self.foreground)
        lines: list[Sequence[str]] = [("column", "value", "cases", "class", *_columns(names))]
        for group in self.subgroups:
            lines += [
                (group.column, group.value, str(group.cases), c.class_name, *_numbers(c, names)) for c in group.classes
            ]
        write_text(path, _csv(lines))


def summarise(scores: Iterable[ClassScore]) -> ScoreTable:
    """Bring scores together; classes and cases keep the order in which they first come.

    Raises:
        UsageError: there is nothing to summarise, or one case and class comes twice.
    """
    rows = tuple(scores)
    keys = [(r.case, r.class_name) for r in rows]
    if not rows or len(set(keys)) < len(keys):
        twice = sorted(f"{case} ({name})" for (case, name), n in Counter(keys).items() if n > 1)
        raise UsageError(
            f"scores given twice: {', '.join(twice[:8])}" if rows else "no scores to summarise",
            "one score per case and class",
            "give every case its own name",
        )
    names = shared_metrics(rows)
    cases = tuple(_case(name, group, names) for name, group in grouped(rows, "case").items())
    return ScoreTable(rows=rows, cases=cases, **dict(summary_of(rows)))


def _case(name: str, rows: Sequence[ClassScore], metrics: Sequence[str]) -> CaseSummary:
    counted = [r for r in rows if r.state != "absent"]
    values_mc = np.array([[r.values[m] for r in counted] for m in metrics], np.float64)
    means = values_mc.mean(axis=1).tolist() if counted else [None] * len(metrics)
    return CaseSummary(case=name, n=len(counted), metrics=dict(zip(metrics, means, strict=True)))


def _columns(metrics: Sequence[str]) -> tuple[str, ...]:
    return ("n", "absent", "missed", "false_alarm", *(f"{m}_{p}" for m in metrics for p in PARTS))


def _numbers(summary: ClassSummary, metrics: Sequence[str]) -> tuple[str, ...]:
    counts = (summary.n, summary.absent, summary.missed, summary.false_alarm)
    return (*map(str, counts), *(_text(getattr(summary.metrics[m], p)) for m in metrics for p in PARTS))


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)
