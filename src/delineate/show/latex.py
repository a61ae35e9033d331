"""The board as LaTeX tables for a paper (booktabs): the best in bold, what is significantly worse marked."""

from __future__ import annotations

from collections.abc import Sequence

from delineate.evaluate.metric import METRICS
from delineate.evaluate.summary import Tally
from delineate.show.board import Board, Entry, Quality
from delineate.show.leaderboard import COSTS, NAMES, interval, number
from delineate.show.svg import short

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''", "…": r"\ldots{}",
}  # fmt: skip
_WORSE = r"$^{*}$"
_BESIDE = rf"\rlap{{{_WORSE}}}"
_PART = r"$^{\dagger}$"

_COUNTS = ("$n$", "abs.", "miss.", "f.a.")
_COUNTED = (
    "$n$: classes of cases in the means, with those missed and the false alarms (f.a.), which count with the worst "
    "score; abs.: in neither truth nor prediction, in no mean."
)
_MOST_ROWS = 44
"""Lines of a table by class that find room on a page."""


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands; line ends become spaces."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def board_latex(board: Board) -> str:
    """Tables for ``\\input``, each within a page of eight models: quality and cost; then by class where there are
    several, in as many tables as that takes. Needs ``booktabs``."""
    lines = ["% made by delineate; needs \\usepackage{booktabs}", *(f"% {escape(m)}" for m in board.marked)]
    lines += _table([*_overall(board), r"\\[1.5ex]", *_costs(board)], _caption(board))
    names = list(dict.fromkeys(n for e in board.entries for n in e.classes))
    if len(names) > 1:
        each = max(1, _MOST_ROWS // (len(board.entries) + 1))
        for start in range(0, len(names), each):
            lines += _table(_by_class(board, names[start : start + each]), _class_caption(board))
    return "\n".join(lines) + "\n"


def _overall(board: Board) -> list[str]:
    """A line per model, its intervals below."""
    body = []
    for entry in board.entries:
        bounds = [_interval(entry.quality.get(m, Quality(mean=None)), m) for m in board.metrics]
        body += [
            _row([_name(entry), *_qualities(board, entry), *_counts(entry.counts)], "[-0.6ex]"),
            _row(["", *bounds, *[""] * 4], "[0.4ex]"),
        ]
    return _tabular(["", *map(_head, board.metrics), *_COUNTS], body)


def _costs(board: Board) -> list[str]:
    """A line per model; heads in two lines, and the GPU's memory named in the head alone: a page is not wide."""
    stacked = (name.replace("-", r"-\\").replace(" ", r"\\") for name, _ in COSTS)
    heads = ["", *(rf"\shortstack[r]{{{name}}}" for name in stacked)]
    if any(e.cost.device_peak_bytes is not None for e in board.entries):
        heads = [head.replace("memory", "memory + GPU's") for head in heads]
    body = [_row([_name(e), *(escape(show(e.cost)).removesuffix(" GPU") for _, show in COSTS)]) for e in board.entries]
    return _tabular(heads, body)


def _by_class(board: Board, names: Sequence[str]) -> list[str]:
    body: list[str] = []
    for class_name in names:
        body += [r"\midrule"] if body else []
        body.append(rf"\multicolumn{{{len(board.metrics) + 5}}}{{l}}{{\emph{{{escape(class_name)}}}}} \\")
        for entry in board.entries:
            tally = entry.class_counts.get(class_name, Tally())
            body.append(_row([_name(entry), *_qualities(board, entry, class_name), *_counts(tally)]))
    return _tabular(["", *map(_head, board.metrics), *_COUNTS], body)


def _table(tabulars: Sequence[str], caption: str) -> list[str]:
    setting = r"\centering\footnotesize\setlength{\tabcolsep}{3.5pt}"
    return [r"\begin{table}", setting, *tabulars, rf"\caption{{{caption}}}", r"\end{table}"]


def _tabular(heads: Sequence[str], body: Sequence[str]) -> list[str]:
    begin = rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}"
    return [begin, r"\toprule", _row(heads), r"\midrule", *body, r"\bottomrule", r"\end{tabular}"]


def _head(metric: str) -> str:
    unit, better = METRICS[metric].unit, METRICS[metric].better
    arrow = {"higher": r"$\uparrow$", "lower": r"$\downarrow$"}.get(better, "")
    return f"{escape(NAMES.get(metric, metric))}{f' ({escape(unit)})' if unit else ''} {arrow}".strip()


def _name(entry: Entry) -> str:
    return escape(short(entry.name)) + ("" if entry.complete else _PART)


def _counts(tally: Tally) -> list[str]:
    return [str(n) for n in (tally.evaluated, tally.absent, tally.missed, tally.false_alarm)]


def _qualities(board: Board, entry: Entry, class_name: str | None = None) -> list[str]:
    row = entry.quality if class_name is None else entry.classes.get(class_name, {})
    return [_quality(board, entry, m, row.get(m, Quality(mean=None)), class_name) for m in board.metrics]


def _quality(board: Board, entry: Entry, metric: str, quality: Quality, class_name: str | None) -> str:
    if quality.mean is None:
        return "--"
    mark, shown = board.mark(entry, metric, class_name), number(quality.mean, metric)
    return rf"\textbf{{{shown}}}" if mark == "best" else shown + _BESIDE if mark == "worse" else shown


def _interval(quality: Quality, metric: str) -> str:
    return "" if quality.low is None else rf"{{\tiny [{interval(quality, metric).replace(' to ', ', ')}]}}"


def _row(cells: Sequence[str], apart: str = "") -> str:
    return " & ".join(cells) + r" \\" + apart


def _caption(board: Board) -> str:
    alpha = board.comparisons[0].alpha if board.comparisons else 0.05
    cases = max((e.cases for e in board.entries), default=0)
    told = [
        f"Means over {cases} cases; below, in brackets, their 95\\,\\% bootstrap intervals; the best of each column in "
        "bold.",
        f"{_WORSE}: worse than the best (Wilcoxon signed-rank test over cases, Holm-corrected, $p < {alpha:g}$).",
        f"{_COUNTED} Below: what each model costs.",
        *(escape(line) + "." for line in board.asked),
    ]
    if any(not e.complete for e in board.entries):
        unfinished = ", ".join(f"{u.name} ({u.state})" for u in board.unfinished)
        told.append(f"{_PART}: not all trainings are finished: {escape(unfinished)}.")
    return " ".join([*told, *_marks(board)])


def _class_caption(board: Board) -> str:
    return " ".join([f"By class: means over cases; the best in bold. {_COUNTED}", *_marks(board)])


def _marks(board: Board) -> list[str]:
    return [rf"\textbf{{{escape(mark)}.}}" for mark in board.marked]
