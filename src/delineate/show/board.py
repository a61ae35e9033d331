"""`Board`: what a comparison found, as it is shown in every form."""

from __future__ import annotations

from typing import Literal

from delineate.core.record import Record
from delineate.evaluate.comparison import Comparison
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pooling import Pool, Spread
from delineate.evaluate.summary import Tally, grouped
from delineate.evaluate.table import ScoreTable

Mark = Literal["best", "worse", ""]


class Cost(Record):
    """What a model costs; None where it is not known.

    ``multiply_adds`` are of one pass over a ``patch``; ``peak_bytes`` is the most that any of its trainings took,
    ``predict_s`` the mean time of a case, ``train_s`` that of a training.
    """

    parameters: int | None = None
    multiply_adds: int | None = None
    patch: tuple[int, ...] = ()
    peak_bytes: int | None = None
    device_peak_bytes: int | None = None
    predict_s: float | None = None
    train_s: float | None = None


class Quality(Record):
    """A mean with its 95 % interval (bootstrap over cases); None where no case counts, or too few."""

    mean: float | None
    low: float | None = None
    high: float | None = None


class Entry(Record):
    """One model: its trainings ``done`` of those ``asked``, its scores and its cost.

    ``quality`` is by metric, over all classes; ``classes`` by class, then by metric; ``dice`` holds each case's Dice by
    class, absent ones left out. ``seed_sd`` is the standard deviation
    of the mean Dice between seeds, None for one seed. ``folds`` is by metric: the mean of each fold and how far they
    lie apart. What stands behind the means: ``counts`` over all classes, ``class_counts`` and ``fold_counts`` by class
    and by fold.
    """

    name: str
    done: int
    asked: int
    cases: int
    quality: dict[str, Quality]
    classes: dict[str, dict[str, Quality]]
    dice: dict[str, tuple[float, ...]]
    counts: Tally
    cost: Cost
    seed_sd: float | None = None
    folds: dict[str, Spread] = {}
    class_counts: dict[str, Tally] = {}
    fold_counts: dict[str, Tally] = {}

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.done == self.asked

    @classmethod
    def of(
        cls,
        name: str,
        table: ScoreTable,
        cost: Cost,
        done: int,
        asked: int,
        seed_sd: float | None = None,
        pool: Pool | None = None,
    ) -> Entry:
        """From the scores of a model over all its test cases; ``pool`` tells of its folds."""
        overall = {}
        for metric, mean in table.foreground.items():
            low, high = table.foreground_intervals.get(metric) or (None, None)
            overall[metric] = Quality(mean=mean, low=low, high=high)
        classes = {
            c.class_name: {m: Quality(mean=s.mean, low=s.low, high=s.high) for m, s in c.metrics.items()}
            for c in table.classes
        }
        dice = {
            c.class_name: tuple(
                r.values["dice"] for r in table.rows if r.class_name == c.class_name and r.state != "absent"
            )
            for c in table.classes
        }
        return cls(
            name=name, done=done, asked=asked, cases=len(table.cases), quality=overall, classes=classes, dice=dice,
            counts=Tally.of(table.rows), cost=cost, seed_sd=seed_sd, folds=pool.foreground if pool else {},
            class_counts={n: Tally.of(rows) for n, rows in grouped(table.rows, "class_name").items()},
            fold_counts=pool.tallies if pool else {},
        )  # fmt: skip


class Unfinished(Record):
    """A training that is not done, and why."""

    name: str
    state: str
    why: str = ""


class Resumed(Record):
    """A training that was cut off: at which step each of its attempts began."""

    name: str
    began_at: tuple[int, ...]


class Board(Record):
    """Models, best mean Dice first and incomplete ones last; a `Comparison` per metric of ``metrics`` (none where fewer
    than two models have scores). ``marked`` says why the comparison is not a fair one; it stands in every output."""

    title: str
    asked: tuple[str, ...]
    metrics: tuple[str, ...]
    entries: tuple[Entry, ...]
    comparisons: tuple[Comparison, ...]
    unfinished: tuple[Unfinished, ...] = ()
    resumed: tuple[Resumed, ...] = ()
    marked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def mark(self, entry: Entry, metric: str, class_name: str | None = None) -> Mark:
        """``best`` for the best number shown among complete models; ``worse`` where a paired test says that the model
        is (only overall, not by class)."""
        best = self._best(metric, class_name)
        if best is None or entry.name == best.name:
            return "best" if best is not None else ""
        found = next((c for c in self.comparisons if c.metric == metric), None)
        if found is None or class_name is not None:
            return ""
        pair = next((p for p in found.pairs if {p.first, p.second} == {entry.name, best.name}), None)
        return "worse" if pair is not None and pair.better == best.name else ""

    def p_holm(self, entry: Entry, metric: str) -> float | None:
        """Of the signed-rank test between a model and the best one; None for the best itself."""
        best = self._best(metric, None)
        pairs = [p for c in self.comparisons if c.metric == metric for p in c.pairs]
        names = {entry.name, best.name if best else ""}
        return next((p.p_holm for p in pairs if {p.first, p.second} == names), None)

    def first_share(self, entry: Entry, metric: str) -> float | None:
        """How often a model comes first when the cases are resampled."""
        models = [m for c in self.comparisons if c.metric == metric for m in c.models if m.name == entry.name]
        return models[0].rank_shares[0] if models else None

    def _best(self, metric: str, class_name: str | None) -> Entry | None:
        numbers = [(n, e) for e in self.entries if e.complete and (n := value_of(e, metric, class_name)) is not None]
        sign = -1 if METRICS[metric].better == "higher" else 1
        return min(numbers, key=lambda pair: sign * pair[0])[1] if len(numbers) > 1 else None


def value_of(entry: Entry, metric: str, class_name: str | None = None) -> float | None:
    """A mean of a model, overall or of one class."""
    row = entry.quality if class_name is None else entry.classes.get(class_name, {})
    return row[metric].mean if metric in row else None


def sort_entries(entries: list[Entry], metric: str = "dice") -> tuple[Entry, ...]:
    """Best first; those with something missing after all that are complete."""
    sign = -1 if METRICS[metric].better == "higher" else 1

    def place(entry: Entry) -> tuple[bool, bool, float]:
        value = value_of(entry, metric)
        return (not entry.complete, value is None, sign * (value or 0.0))

    return tuple(sorted(entries, key=place))
