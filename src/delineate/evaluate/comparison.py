"""`Comparison`: two or more models over the same cases, in one metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import UsageError
from delineate.core.listing import listed
from delineate.core.record import Record
from delineate.evaluate.interval import RESAMPLES
from delineate.evaluate.metric import METRICS, Better
from delineate.evaluate.paired import PairedTest, compare_pairs
from delineate.evaluate.ranking import Ranking, rank_models, rank_shares
from delineate.evaluate.statistic import Statistic, statistics
from delineate.evaluate.table import ScoreTable

_UNITLESS_MARGIN = 0.01


class ModelScore(Record):
    """One model: its scores over the cases compared, the counts of its misses and false alarms among them, its average
    rank (1 is best), and how often it takes each place when the cases are resampled (``rank_shares[0]``: is first)."""

    name: str
    score: Statistic
    missed: int
    false_alarm: int
    average_rank: float
    rank_shares: tuple[float, ...]


class Comparison(Record):
    """Models best mean first. ``scores`` holds what was compared: one number per case of ``cases``, for each model.

    With ``class_name`` that is the class's score; without, the mean over the case's classes. A class that no model and
    no truth has in a case is left out; one that is a false alarm of some model counts in full for all of them, with
    the perfect score for those that rightly found nothing. ``left_out`` are cases where nothing is left to compare.
    ``tie_margin``: smaller differences are ties in wins and losses (they are not in any test). ``notes`` are for the
    reader of the table: what was left out, and what so few cases cannot show.
    """

    metric: str
    unit: str
    better: Better
    class_name: str | None
    alpha: float
    seed: int
    resamples: int
    tie_margin: float
    cases: tuple[str, ...]
    left_out: tuple[str, ...]
    scores: dict[str, tuple[float, ...]]
    models: tuple[ModelScore, ...]
    pairs: tuple[PairedTest, ...]
    ranking: Ranking
    notes: tuple[str, ...]


def compare_tables(
    tables: Mapping[str, ScoreTable],
    metric: str = "dice",
    class_name: str | None = None,
    seed: int = 0,
    alpha: float = 0.05,
    anyway: bool = False,
    tie_margin: float | None = None,
) -> Comparison:
    """Compare score tables by name of the model.

    ``tie_margin`` is in the metric's unit: 0.01 for scores without one, else 0, unless given. With ``anyway``, cases
    and classes that not every model has are left out and named in the notes.

    Raises:
        UnknownNameError: no such metric.
        UsageError: fewer than two tables, a metric that does not rank or that a table lacks, a class that is not
            there, cases or classes that differ between the models (without ``anyway``), or nothing to compare.
    """
    known = _refuse_unusable(tables, metric, class_name)
    names = tuple(tables)
    grid = _Grid(tables, metric, class_name, anyway)
    scores, sign = grid.scores_kn, 1 if known.better == "higher" else -1
    unit = known.unit
    margin = tie_margin if tie_margin is not None else 0.0 if unit else _UNITLESS_MARGIN
    ranking = rank_models(scores, names, sign, alpha)
    average = dict(zip(ranking.models, ranking.average_ranks, strict=True))
    shares = rank_shares(scores, sign, seed)
    models = [
        ModelScore(
            name=name, score=statistic, missed=grid.count(name, "missed"), false_alarm=grid.count(name, "false alarm"),
            average_rank=average[name], rank_shares=tuple(share.tolist()),
        )
        for name, statistic, share in zip(names, statistics(scores.T, seed), shares, strict=True)
    ]  # fmt: skip
    models.sort(key=lambda m: -sign * (m.score.mean or 0))
    order = [names.index(m.name) for m in models]
    pairs = compare_pairs(scores[order], [names[i] for i in order], sign, margin, alpha, seed)
    notes = (*grid.notes, *_limits(scores.shape[1], len(pairs), alpha))
    return Comparison(
        metric=metric, unit=unit, better=known.better, class_name=class_name, alpha=alpha, seed=seed,
        resamples=RESAMPLES, tie_margin=margin, cases=grid.cases, left_out=grid.left_out,
        scores={n: tuple(s.tolist()) for n, s in zip(names, scores, strict=True)}, models=tuple(models), pairs=pairs,
        ranking=ranking, notes=notes,
    )  # fmt: skip


class _Grid:
    """The scores of the models over the cases and classes that all of them have."""

    def __init__(self, tables: Mapping[str, ScoreTable], metric: str, class_name: str | None, anyway: bool) -> None:
        self._rows = {n: {(r.case, r.class_name): r for r in t.rows} for n, t in tables.items()}
        pairs = [k for k in next(iter(self._rows.values())) if class_name in (None, k[1])]
        shared = [k for k in pairs if all(k in rows for rows in self._rows.values())]
        self.notes = self._missing(class_name, set(shared), anyway)
        self.keys = [k for k in shared if any(rows[k].state != "absent" for rows in self._rows.values())]
        every = dict.fromkeys(case for case, _ in shared)
        self.cases = tuple(dict.fromkeys(case for case, _ in self.keys))
        self.left_out = tuple(c for c in every if c not in set(self.cases))
        if not self.cases:
            raise UsageError(
                "no case in which all models were measured and one or the truth has something", "such a case"
            )
        if self.left_out:
            nothing = listed(self.left_out, 6)
            self.notes.append(f"left out, since neither the truth nor any model has the class: {nothing}")
        self.scores_kn = np.stack([self._means(rows, metric) for rows in self._rows.values()])

    def count(self, name: str, state: str) -> int:
        """How many case-class pairs of a model are in a state."""
        return sum(self._rows[name][k].state == state for k in self.keys)

    def _means(self, rows: Mapping[tuple[str, str], Any], metric: str) -> NDArray[np.float64]:
        place = {case: i for i, case in enumerate(self.cases)}
        where = np.array([place[case] for case, _ in self.keys])
        values = np.array([rows[k].values[metric] for k in self.keys], np.float64)
        if not np.isfinite(values).all():
            raise UsageError(f"scores of {metric} that are no numbers", "finite scores", "evaluate the masks anew")
        return np.asarray(np.bincount(where, values) / np.bincount(where))

    def _missing(self, class_name: str | None, shared: set[tuple[str, str]], anyway: bool) -> list[str]:
        told = []
        for name, rows in self._rows.items():
            more = {k for k in rows if class_name in (None, k[1])} - shared
            if more:
                told.append(f"only some models have what {name} has: {_some(more)}")
        if told and not anyway:
            raise UsageError(
                "the models were not measured on the same cases and classes: " + "; ".join(told),
                "the same cases and classes for every model",
                "evaluate the missing ones, or compare what is shared with --anyway",
            )
        return [f"left out: {t}" for t in told]


def _refuse_unusable(tables: Mapping[str, ScoreTable], metric: str, class_name: str | None) -> Any:
    known = METRICS[metric]
    if known.better == "neither":
        raise UsageError(f"{metric} says how much, not how well", "a metric that ranks", "see: delineate metrics")
    if len(tables) < 2:
        raise UsageError(f"{len(tables)} table to compare", "two or more", "name another run")
    for name, table in tables.items():
        if metric not in table.foreground:
            raise UsageError(f"{name} has no {metric}", "a table with that metric", "evaluate its masks anew")
        classes = [c.class_name for c in table.classes]
        if class_name is not None and class_name not in classes:
            raise UsageError(f"{name} has no class {class_name}", f"one of {', '.join(classes[:20])}")
    return known


def _limits(cases: int, pairs: int, alpha: float) -> list[str]:
    smallest = 2.0 ** (1 - cases) * pairs
    if smallest < alpha:
        return []
    return [
        f"with {cases} cases and {pairs} pairs no signed-rank p can fall below {min(smallest, 1):.3g}: "
        f"this comparison cannot show a difference at {alpha:g}, however large"
    ]


def _some(keys: set[tuple[str, str]]) -> str:
    return listed((f"{case} ({name})" for case, name in sorted(keys)), 6)
