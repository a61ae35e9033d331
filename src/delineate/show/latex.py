"""The board as a LaTeX table for a paper (booktabs): the best in bold, what is significantly worse marked."""

from __future__ import annotations

from delineate.evaluate.metric import METRICS
from delineate.show.board import Board, Entry, Quality
from delineate.show.leaderboard import COSTS, NAMES, interval, number

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''",
}  # fmt: skip
_WORSE = r"$^{*}$"
_PART = r"$^{\dagger}$"


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands; line ends become spaces."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def board_latex(board: Board) -> str:
    """A ``table`` for ``\\input``: over all classes, then by class where there are several; needs ``booktabs``."""
    columns = "l" + "r" * (len(board.metrics) + len(COSTS))
    heads = ["", *(_head(m) for m in board.metrics), *(name for name, _ in COSTS)]
    body = [
        _row([_name(e), *_qualities(board, e), *(escape(show(e.cost)) for _, show in COSTS)]) for e in board.entries
    ]
    names = list(dict.fromkeys(n for e in board.entries for n in e.classes))
    if len(names) > 1:
        for class_name in names:
            body += [r"\midrule", rf"\multicolumn{{{len(heads)}}}{{l}}{{\emph{{{escape(class_name)}}}}} \\"]
            empty = [""] * len(COSTS)
            body += [_row([_name(e), *_qualities(board, e, class_name), *empty]) for e in board.entries]
    lines = [
        "% made by delineate; needs \\usepackage{booktabs}", *(f"% {escape(m)}" for m in board.marked),
        r"\begin{table}", r"\centering", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", _row(heads), r"\midrule",
        *body, r"\bottomrule", r"\end{tabular}", rf"\caption{{{_caption(board)}}}", r"\end{table}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _head(metric: str) -> str:
    unit, better = METRICS[metric].unit, METRICS[metric].better
    arrow = {"higher": r"$\uparrow$", "lower": r"$\downarrow$"}.get(better, "")
    return f"{escape(NAMES.get(metric, metric))}{f' ({escape(unit)})' if unit else ''} {arrow}".strip()


def _name(entry: Entry) -> str:
    return escape(entry.name) + ("" if entry.complete else _PART)


def _qualities(board: Board, entry: Entry, class_name: str | None = None) -> list[str]:
    row = entry.quality if class_name is None else entry.classes.get(class_name, {})
    return [_quality(board, entry, m, row.get(m, Quality(mean=None)), class_name) for m in board.metrics]


def _quality(board: Board, entry: Entry, metric: str, quality: Quality, class_name: str | None) -> str:
    if quality.mean is None:
        return "--"
    mark, shown = board.mark(entry, metric, class_name), number(quality.mean, metric)
    shown = rf"\textbf{{{shown}}}" if mark == "best" else shown + _WORSE if mark == "worse" else shown
    bounds = "" if quality.low is None else rf" {{\scriptsize [{interval(quality, metric).replace(' to ', ', ')}]}}"
    return shown + bounds


def _row(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _caption(board: Board) -> str:
    alpha = board.comparisons[0].alpha if board.comparisons else 0.05
    cases = max((e.cases for e in board.entries), default=0)
    told = [
        f"Means over {cases} cases with 95\\,\\% bootstrap intervals; the best of each column in bold.",
        f"{_WORSE}: worse than the best (Wilcoxon signed-rank test over cases, Holm-corrected, $p < {alpha:g}$).",
        *(escape(line) + "." for line in board.asked),
    ]
    if any(not e.complete for e in board.entries):
        unfinished = ", ".join(f"{u.name} ({u.state})" for u in board.unfinished)
        told.append(f"{_PART}: not all trainings are finished: {escape(unfinished)}.")
    told += [rf"\textbf{{{escape(mark)}.}}" for mark in board.marked]
    return " ".join(told)
