"""`Pool`: tables of several folds as one, and how much the folds differ; tables of several seeds averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from delineate.core.errors import UsageError
from delineate.core.record import Record
from delineate.evaluate.counts import State
from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import shared_metrics
from delineate.evaluate.table import ScoreTable, summarise

_WORST: tuple[State, ...] = ("missed", "false alarm", "present", "absent")


class Spread(Record):
    """Over the ``n`` folds that have a mean: the mean of their means and their sample standard deviation."""

    n: int
    mean: float | None
    std: float | None


class Pool(Record):
    """``table`` is over all cases of all folds, each counting once; the spreads are over the folds, each counting once.

    The two means differ where folds differ in size; a standard deviation over folds says how much the training data
    matter, not how much cases differ.
    """

    folds: tuple[str, ...]
    table: ScoreTable
    foreground: dict[str, Spread]
    classes: dict[str, dict[str, Spread]]


def pool(tables: Mapping[str, ScoreTable]) -> Pool:
    """Bring the tables of folds (by name) together.

    Raises:
        UsageError: there is none, or a case is in two of them (average seeds first).
    """
    table = summarise(row for t in tables.values() for row in t.rows)
    metrics = tuple(table.foreground)
    means = [{c.class_name: c.metrics for c in t.classes} for t in tables.values()]
    return Pool(
        folds=tuple(tables),
        table=table,
        foreground={m: _spread([t.foreground.get(m) for t in tables.values()]) for m in metrics},
        classes={
            c.class_name: {m: _spread([f[c.class_name][m].mean for f in means if c.class_name in f]) for m in metrics}
            for c in table.classes
        },
    )


def average_tables(tables: Sequence[ScoreTable]) -> ScoreTable:
    """One table from several of the same cases and classes (seeds): every value the mean over the tables.

    A class of a case is as bad as in the worst table: missed, else a false alarm, else present, else absent.

    Raises:
        UsageError: there is no table, or they differ in cases or classes.
    """
    if not tables:
        raise UsageError("no tables to average", "one or more")
    by_key = [{(r.case, r.class_name): r for r in t.rows} for t in tables]
    odd = set().union(*by_key) - set(by_key[0]).intersection(*by_key)
    if odd:
        told = ", ".join(f"{case} ({name})" for case, name in sorted(odd)[:8])
        raise UsageError(f"tables to average do not all have {told}", "the same cases and classes in every table")
    return summarise(_average([rows[key] for rows in by_key]) for key in by_key[0])


def _average(rows: Sequence[ClassScore]) -> ClassScore:
    states = {r.state for r in rows}
    values = {m: float(np.mean([r.values[m] for r in rows])) for m in shared_metrics(rows)}
    return rows[0].model_copy(update={"state": next(s for s in _WORST if s in states), "values": values})


def _spread(values: Sequence[float | None]) -> Spread:
    known = [v for v in values if v is not None]
    return Spread(
        n=len(known),
        mean=float(np.mean(known)) if known else None,
        std=float(np.std(known, ddof=1)) if len(known) > 1 else None,
    )
