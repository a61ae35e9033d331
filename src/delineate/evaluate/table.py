"""`ScoreTable`: the scores of many cases, and means that say what they leave out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import UsageError
from delineate.core.files import write_text
from delineate.core.record import Record
from delineate.evaluate.interval import mean_intervals, mean_of_means_intervals
from delineate.evaluate.score import ClassScore


class Statistic(Record):
    """One metric over the cases; None where no case counts. ``std`` is the sample's (n - 1), None for one case.

    ``q1`` and ``q3`` bound the middle half. ``low`` and ``high`` bound the mean at 95 % (bootstrap over cases,
    percentile; see `interval`), None for one case.
    """

    mean: float | None
    median: float | None
    std: float | None
    q1: float | None = None
    q3: float | None = None
    low: float | None = None
    high: float | None = None


PARTS = tuple(Statistic.model_fields)


class ClassSummary(Record):
    """One class over all cases: ``n`` cases are in the mean, ``absent`` ones (neither truth nor prediction) are not;
    ``missed`` and ``false_alarm`` ones are in it with the worst score."""

    class_name: str
    n: int
    absent: int
    missed: int
    false_alarm: int
    metrics: dict[str, Statistic]


class CaseSummary(Record):
    """One case: the mean over its ``n`` classes that are not absent."""

    case: str
    n: int
    metrics: dict[str, float | None]


class ScoreTable(Record):
    """Every score, the summary per class and per case, and ``foreground``: the mean over classes of the class means
    (classes absent everywhere are left out), with its 95 % interval (bootstrap over cases; None below two cases)."""

    rows: tuple[ClassScore, ...]
    classes: tuple[ClassSummary, ...]
    cases: tuple[CaseSummary, ...]
    foreground: dict[str, float | None]
    foreground_intervals: dict[str, tuple[float, float] | None] = {}

    def save_json(self, path: Path) -> None:
        """Write everything as JSON, atomically; `load` reads it back."""
        self.save(path)

    def save_csv(self, path: Path) -> None:
        """Write one line per case and class, atomically."""
        names = tuple(self.foreground)
        lines = [("case", "class", "state", *names)]
        lines += [(r.case, r.class_name, r.state, *(_text(r.values[n]) for n in names)) for r in self.rows]
        write_text(path, _csv(lines))

    def save_summary_csv(self, path: Path) -> None:
        """Write one line per class with every `Statistic` of every metric, atomically."""
        names = tuple(self.foreground)
        lines = [("class", "n", "absent", "missed", "false_alarm", *(f"{n}_{p}" for n in names for p in PARTS))]
        for c in self.classes:
            counts = (c.n, c.absent, c.missed, c.false_alarm)
            numbers = (_text(getattr(c.metrics[n], p)) for n in names for p in PARTS)
            lines.append((c.class_name, *(str(v) for v in counts), *numbers))
        write_text(path, _csv(lines))


def summarise(scores: Iterable[ClassScore]) -> ScoreTable:
    """Bring scores together; classes and cases keep the order in which they first come.

    Raises:
        UsageError: there is nothing to summarise, or one case and class comes twice.
    """
    rows = tuple(scores)
    keys = [(r.case, r.class_name) for r in rows]
    if not rows or len(set(keys)) < len(keys):
        twice = sorted({f"{case} ({name})" for case, name in keys if keys.count((case, name)) > 1})
        raise UsageError(
            f"scores given twice: {', '.join(twice[:8])}" if rows else "no scores to summarise",
            "one score per case and class",
            "give every case its own name",
        )
    names = tuple(rows[0].values)
    classes = tuple(_class(name, group, names) for name, group in _grouped(rows, "class_name").items())
    cases = tuple(_case(name, group, names) for name, group in _grouped(rows, "case").items())
    return ScoreTable(
        rows=rows, classes=classes, cases=cases, foreground=_foreground(classes, names),
        foreground_intervals=_foreground_intervals(rows, [c.case for c in cases], names),
    )  # fmt: skip


def _class(name: str, rows: Sequence[ClassScore], metrics: Sequence[str]) -> ClassSummary:
    counted = [r for r in rows if r.state != "absent"]
    states = [r.state for r in rows]
    return ClassSummary(
        class_name=name,
        n=len(counted),
        absent=states.count("absent"),
        missed=states.count("missed"),
        false_alarm=states.count("false alarm"),
        metrics=dict(zip(metrics, statistics(_values(counted, metrics)), strict=True)),
    )


def _case(name: str, rows: Sequence[ClassScore], metrics: Sequence[str]) -> CaseSummary:
    counted = [r for r in rows if r.state != "absent"]
    return CaseSummary(case=name, n=len(counted), metrics={m: _mean([r.values[m] for r in counted]) for m in metrics})


def _foreground(classes: Sequence[ClassSummary], metrics: Sequence[str]) -> dict[str, float | None]:
    means = {m: [c.metrics[m].mean for c in classes] for m in metrics}
    return {m: _mean([v for v in values if v is not None]) for m, values in means.items()}


def _foreground_intervals(
    rows: Sequence[ClassScore], cases: Sequence[str], metrics: Sequence[str]
) -> dict[str, tuple[float, float] | None]:
    groups = _grouped(rows, "class_name")
    place = {case: i for i, case in enumerate(cases)}
    values = np.zeros((len(groups), len(cases), len(metrics)))
    counted = np.zeros(values.shape[:2], np.bool_)
    for c, group in enumerate(groups.values()):
        kept = [r for r in group if r.state != "absent"]
        where = [place[r.case] for r in kept]
        values[c, where], counted[c, where] = _values(kept, metrics), True
    return dict(zip(metrics, mean_of_means_intervals(values, counted), strict=True))


def statistics(values_nm: NDArray[Any], seed: int = 0) -> tuple[Statistic, ...]:
    """A `Statistic` per column of ``[n cases, m metrics]``; all None where there is no case."""
    if not len(values_nm):
        return (Statistic(mean=None, median=None, std=None),) * values_nm.shape[1]
    q1, median, q3 = np.quantile(values_nm, (0.25, 0.5, 0.75), axis=0).tolist()
    means = values_nm.mean(axis=0).tolist()
    spreads = values_nm.std(axis=0, ddof=1).tolist() if len(values_nm) > 1 else [None] * len(means)
    bounds = [b or (None, None) for b in mean_intervals(values_nm, seed)]
    lines = zip(means, median, spreads, q1, q3, *zip(*bounds, strict=True), strict=True)
    return tuple(Statistic(**dict(zip(PARTS, line, strict=True))) for line in lines)


def _values(rows: Sequence[ClassScore], metrics: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[r.values[m] for m in metrics] for r in rows], np.float64).reshape(len(rows), len(metrics))


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _grouped(rows: Sequence[ClassScore], key: str) -> dict[str, list[ClassScore]]:
    groups: dict[str, list[ClassScore]] = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    return groups


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)
