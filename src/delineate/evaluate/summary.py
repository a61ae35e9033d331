"""`Summary`: scores of any cases brought together, per class and over the classes, with what the means leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record
from delineate.evaluate.interval import mean_of_means_intervals
from delineate.evaluate.score import ClassScore
from delineate.evaluate.statistic import Statistic, statistics


class Tally(Record):
    """What stands behind a mean, in classes of cases: ``evaluated`` ones are in it, among them the ``missed`` (only in
    the truth) and the ``false_alarm`` ones (only in the prediction); ``absent`` ones (in neither) are not."""

    evaluated: int = 0
    absent: int = 0
    missed: int = 0
    false_alarm: int = 0

    @classmethod
    def of(cls, rows: Iterable[ClassScore]) -> Tally:
        """Of any scores."""
        states = Counter(r.state for r in rows)
        return cls(
            evaluated=states.total() - states["absent"], absent=states["absent"], missed=states["missed"],
            false_alarm=states["false alarm"],
        )  # fmt: skip


class ClassSummary(Record):
    """One class over all cases: ``n`` cases are in the mean, ``absent`` ones (neither truth nor prediction) are not;
    ``missed`` and ``false_alarm`` ones are in it with the worst score."""

    class_name: str
    n: int
    absent: int
    missed: int
    false_alarm: int
    metrics: dict[str, Statistic]


class Summary(Record):
    """Every class, and ``foreground``: the mean over classes of the class means (classes absent everywhere are left
    out), with its 95 % interval (bootstrap over whole cases; None below two cases)."""

    classes: tuple[ClassSummary, ...]
    foreground: dict[str, float | None]
    foreground_intervals: dict[str, tuple[float, float] | None] = {}


class Means(NamedTuple):
    """The means of a `Summary` alone, which cost next to nothing: over the classes, and of each class."""

    foreground: dict[str, float | None]
    classes: dict[str, dict[str, float | None]]


def summary_of(rows: Sequence[ClassScore]) -> Summary:
    """The summary of any scores; classes keep the order in which they first come."""
    metrics = shared_metrics(rows)
    classes = tuple(_class(name, group, metrics) for name, group in grouped(rows, "class_name").items())
    return Summary(
        classes=classes,
        foreground=_over_classes([{m: c.metrics[m].mean for m in metrics} for c in classes], metrics),
        foreground_intervals=_intervals(rows, metrics),
    )


def means_of(rows: Sequence[ClassScore]) -> Means:
    """The means that `summary_of` finds, without quartiles and intervals."""
    metrics = shared_metrics(rows)
    classes: dict[str, dict[str, float | None]] = {}
    for name, group in grouped(rows, "class_name").items():
        values = _values([r for r in group if r.state != "absent"], metrics)
        means = values.mean(axis=0).tolist() if len(values) else [None] * len(metrics)
        classes[name] = dict(zip(metrics, means, strict=True))
    return Means(_over_classes(list(classes.values()), metrics), classes)


def shared_metrics(rows: Sequence[ClassScore]) -> tuple[str, ...]:
    """The metrics that every score has: tables of an older version have fewer."""
    first, *others = rows
    return tuple(m for m in first.values if all(m in r.values for r in others))


def grouped(rows: Iterable[ClassScore], key: str) -> dict[str, list[ClassScore]]:
    """Scores by ``case`` or ``class_name``, in the order in which they first come."""
    groups: dict[str, list[ClassScore]] = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    return groups


def mean(values: Sequence[float]) -> float | None:
    """The mean, or None of nothing."""
    return float(np.mean(values)) if values else None


def _over_classes(classes: Sequence[Mapping[str, float | None]], metrics: Sequence[str]) -> dict[str, float | None]:
    return {m: mean([v for c in classes if (v := c[m]) is not None]) for m in metrics}


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


def _intervals(rows: Sequence[ClassScore], metrics: Sequence[str]) -> dict[str, tuple[float, float] | None]:
    groups = grouped(rows, "class_name")
    place = {case: i for i, case in enumerate(grouped(rows, "case"))}
    values = np.zeros((len(groups), len(place), len(metrics)))
    counted = np.zeros(values.shape[:2], np.bool_)
    for c, group in enumerate(groups.values()):
        kept = [r for r in group if r.state != "absent"]
        where = [place[r.case] for r in kept]
        values[c, where], counted[c, where] = _values(kept, metrics), True
    return dict(zip(metrics, mean_of_means_intervals(values, counted), strict=True))


def _values(rows: Sequence[ClassScore], metrics: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[r.values[m] for m in metrics] for r in rows], np.float64).reshape(len(rows), len(metrics))
