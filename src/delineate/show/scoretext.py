"""Scores as text for a terminal of 80 to 100 columns: Dice in full, the other metrics by their means."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from delineate.evaluate.metric import METRICS
from delineate.evaluate.statistic import Statistic
from delineate.evaluate.subgroups import Subgroup
from delineate.evaluate.summary import ClassSummary
from delineate.evaluate.table import ScoreTable

MAIN = "dice"
OTHERS = ("iou", "precision", "recall", "hd95", "assd", "nsd", "volume_error_ml")
"""Means that are shown beside Dice; every metric is in the files."""

_COUNTS = ("n", "ab-\nsent", "mis-\nsed", "false\nalarm")
_MOST_NAME = 24


def show_scores(table: ScoreTable, console: Console | None = None) -> None:
    """A line per class with the counts of what the means leave out or hold at their worst; then the other metrics, the
    subgroups, and what the reader must know."""
    console = console or _console()
    main = MAIN if MAIN in table.foreground else next(iter(table.foreground))
    console.print(_main_table(table, main))
    console.print(end="\n")
    console.print(_other_table(table, [m for m in OTHERS if m in table.foreground and m != main]))
    for column in dict.fromkeys(g.column for g in table.subgroups):
        console.print(end="\n")
        console.print(_subgroup_table([g for g in table.subgroups if g.column == column], main))
    for note in table.notes:
        console.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)


def _main_table(table: ScoreTable, metric: str) -> Table:
    lines = _table("class", *_heads(metric), *_COUNTS)
    for row in table.classes:
        lines.add_row(_short(row.class_name), *_full(row.metrics[metric], metric), *_counts(row))
    interval = table.foreground_intervals.get(metric)
    shown = _between(interval, metric)
    lines.add_row("over classes", _number(table.foreground[metric], metric), shown, *[""] * 6, style="bold")
    return lines


def _other_table(table: ScoreTable, metrics: Sequence[str]) -> Table:
    lines = _table("means", *(_head(m) for m in metrics))
    for row in table.classes:
        lines.add_row(_short(row.class_name), *(_number(row.metrics[m].mean, m) for m in metrics))
    overall = [_number(table.foreground[m], m) for m in metrics]
    lines.add_row("over classes", *overall, style="bold")
    return lines


def _subgroup_table(groups: Sequence[Subgroup], metric: str) -> Table:
    """A line per group and class; where there is one class, the group's own line holds its numbers."""
    lines = _table(groups[0].column, *_heads(metric), *_COUNTS)
    single = len({c.class_name for g in groups for c in g.classes}) == 1
    for group in groups:
        if not single:
            lines.add_row(_short(group.value), style="bold")
        for row in group.classes:
            name = _short(group.value) if single else f"  {_short(row.class_name)}"
            lines.add_row(name, *_full(row.metrics[metric], metric), *_counts(row))
    return lines


def _heads(metric: str) -> tuple[str, ...]:
    return f"{_head(metric)}\nmean", "95 %\ninterval", "median", "middle\nhalf"


def _full(value: Statistic, metric: str) -> tuple[str, ...]:
    bounds = None if value.low is None or value.high is None else (value.low, value.high)
    half = None if value.q1 is None or value.q3 is None else (value.q1, value.q3)
    return (
        _number(value.mean, metric), _between(bounds, metric), _number(value.median, metric),
        _between(half, metric),
    )  # fmt: skip


def _counts(row: ClassSummary) -> tuple[str, ...]:
    return tuple(str(v) for v in (row.n, row.absent, row.missed, row.false_alarm))


def _table(*heads: str) -> Table:
    from rich import box

    lines = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for i, head in enumerate(heads):
        lines.add_column(head, justify="right" if i else "left", overflow="fold", no_wrap=i > 0)
    return lines


def _head(metric: str) -> str:
    unit = METRICS[metric].unit if metric in METRICS else ""
    name = metric.removesuffix(f"_{unit}") if unit else metric
    return name.replace("_", "\n") + (f"\n({unit})" if unit else "")


def _between(pair: tuple[float, float] | None, metric: str) -> str:
    return "-" if pair is None else f"{_number(pair[0], metric)}–{_number(pair[1], metric)}"


def _number(value: float | None, metric: str) -> str:
    if value is None:
        return "-"
    if metric in METRICS and METRICS[metric].unit:
        return f"{value:.2f}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{value:.3f}"


def _short(name: str) -> str:
    return escape(name if len(name) <= _MOST_NAME else name[: _MOST_NAME - 1] + "…")


def _console() -> Console:
    """As wide as the terminal; wide enough for every table where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=140)
