"""`Pool`: scores of several folds as one table, and how much the folds differ; scores of several seeds averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from delineate.core.listing import listed
from delineate.core.record import Record
from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import Tally, means_of, shared_metrics
from delineate.evaluate.table import ScoreTable, summarise


class Spread(Record):
    """Over the ``n`` folds that have a mean: the mean of their means and their sample standard deviation. ``folds``
    holds each fold's own mean."""

    n: int
    mean: float | None
    std: float | None
    folds: dict[str, float | None]


class Pool(Record):
    """``table`` is over all cases of all folds, each counting once; the spreads are over the folds, each counting once.
    ``tallies`` say by fold what stands behind its means.

    The two means differ where folds differ in size; a standard deviation over folds says how much the training data
    matter, not how much cases differ.
    """

    folds: tuple[str, ...]
    table: ScoreTable
    foreground: dict[str, Spread]
    classes: dict[str, dict[str, Spread]]
    tallies: dict[str, Tally]


def pool(rows_by_fold: Mapping[str, Sequence[ClassScore]]) -> Pool:
    """Bring the scores of folds (by name) together.

    Raises:
        UsageError: there is none, or a case is in two of them (average seeds first).
    """
    table = summarise(row for rows in rows_by_fold.values() for row in rows)
    found = {f: means_of(rows) for f, rows in rows_by_fold.items()}
    return Pool(
        folds=tuple(rows_by_fold),
        table=table,
        foreground={m: _spread({f: means.foreground.get(m) for f, means in found.items()}) for m in table.foreground},
        classes={
            name: {
                m: _spread({f: means.classes[name][m] for f, means in found.items() if name in means.classes})
                for m in table.foreground
            }
            for name in (c.class_name for c in table.classes)
        },
        tallies={f: Tally.of(rows) for f, rows in rows_by_fold.items()},
    )


def average_seeds(rows_by_seed: Sequence[Sequence[ClassScore]]) -> tuple[ClassScore, ...]:
    """One score per case and class: seeds are repetitions, not cases, so their mean is what is tested.

    Where the truth is empty, seeds that rightly found nothing are left out, as they are out of every mean; a class is
    missed where every seed missed it. Metrics that some seed lacks are left out, which `tell_lacking` tells.
    """
    found: dict[tuple[str, str], list[ClassScore]] = {}
    for rows in rows_by_seed:
        for row in rows:
            found.setdefault((row.case, row.class_name), []).append(row)
    return tuple(_mean_score(rows) for rows in found.values())


def tell_lacking(tables: Mapping[str, Sequence[ClassScore]]) -> tuple[str, ...]:
    """What to tell of metrics that only some of the scores (by name) have: tables of an older version have fewer."""
    every = dict.fromkeys(m for rows in tables.values() for row in rows for m in row.values)
    lacking: dict[str, list[str]] = {}
    for name, rows in tables.items():
        if absent := ", ".join(m for m in every if m not in shared_metrics(rows)):
            lacking.setdefault(absent, []).append(name)
    return tuple(
        f"left out of every table, since not all scores have it: {absent} (lacking in {listed(names)})"
        for absent, names in lacking.items()
    )


def _mean_score(rows: Sequence[ClassScore]) -> ClassScore:
    counted = [r for r in rows if r.state != "absent"] or list(rows)
    states = {r.state for r in counted}
    values = {m: sum(r.values[m] for r in counted) / len(counted) for m in shared_metrics(rows)}
    state = counted[0].state if len(states) == 1 else "present"
    return ClassScore(case=rows[0].case, class_name=rows[0].class_name, state=state, values=values)


def _spread(means: Mapping[str, float | None]) -> Spread:
    known = [v for v in means.values() if v is not None]
    return Spread(
        n=len(known),
        mean=float(np.mean(known)) if known else None,
        std=float(np.std(known, ddof=1)) if len(known) > 1 else None,
        folds=dict(means),
    )
