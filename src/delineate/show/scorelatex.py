"""A score table as LaTeX for a paper (booktabs)."""

from __future__ import annotations

from collections.abc import Sequence

from delineate.core.listing import counted
from delineate.evaluate.table import ScoreTable
from delineate.show.latex import escape
from delineate.show.leaderboard import metric_head, number

PRINTED = ("dice", "hd95", "nsd", "assd")


def scores_latex(table: ScoreTable, metrics: Sequence[str] = PRINTED) -> str:
    """A ``table`` for ``\\input``: per class, and for the mean over them, a line with means and standard deviations and
    one with the intervals below; for ``metrics`` that the table has. Needs ``booktabs``."""
    shown = [m for m in metrics if m in table.foreground]
    heads = ["Class", *(escape(metric_head(m)) for m in shown), "$n$", "absent", "missed", "false alarm"]
    body: list[str] = []
    for c in table.classes:
        means = (_mean(c.metrics[m].mean, c.metrics[m].std, m) for m in shown)
        body.append(_row([escape(c.class_name), *means, *map(str, (c.n, c.absent, c.missed, c.false_alarm))]))
        body.append(_row(["", *(_bounds(c.metrics[m].low, c.metrics[m].high, m) for m in shown), *[""] * 4]))
    none: tuple[None, None] = (None, None)
    bounds = [table.foreground_intervals.get(m) or none for m in shown]
    overall = [
        _row(["Mean over classes", *(_mean(table.foreground[m], None, m) for m in shown), *[""] * 4]),
        _row(["", *(_bounds(low, high, m) for m, (low, high) in zip(shown, bounds, strict=True)), *[""] * 4]),
    ]
    lines = [
        "% made by delineate; needs \\usepackage{booktabs}",
        r"\begin{table}", r"\centering", rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}", r"\toprule", _row(heads),
        r"\midrule", *body, r"\midrule", *overall, r"\bottomrule", r"\end{tabular}",
        rf"\caption{{{_caption(table)}}}", r"\end{table}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _mean(value: float | None, std: float | None, metric: str) -> str:
    return "--" if value is None else number(value, metric) + ("" if std is None else rf" $\pm$ {number(std, metric)}")


def _bounds(low: float | None, high: float | None, metric: str) -> str:
    if low is None or high is None:
        return ""
    return rf"{{\scriptsize [{number(low, metric)}, {number(high, metric)}]}}"


def _caption(table: ScoreTable) -> str:
    cases = counted(len(table.cases), "case")
    told = [
        f"Mean $\\pm$ standard deviation over {cases}; below, in brackets, the 95\\,\\% interval of",
        "the mean (percentile bootstrap over cases). Classes that neither truth nor prediction has in a case are",
        "absent and in no mean; missed ones and false alarms are in it with the worst score.",
        *(f"{escape(note)}." for note in table.notes),
    ]
    return " ".join(told)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
