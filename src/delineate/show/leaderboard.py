"""The board as a table: on a terminal, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from delineate.core.units import show_memory, show_time
from delineate.evaluate.metric import METRICS
from delineate.evaluate.summary import Tally
from delineate.show.board import Board, Cost, Entry, Quality
from delineate.show.strip import show_value

NAMES = {"dice": "Dice", "hd95": "HD95", "nsd": "NSD"}
_DIGITS = {"": 4}
_STYLES = {"best": "bold", "worse": "dim", "": None}


def show_board(board: Board, console: Console | None = None) -> None:
    """A line per model, then what is unfinished and what the reader must know."""
    console = console or _console()
    for mark in board.marked:
        console.print(f"[bold red]{escape(mark)}[/]")
    heads = [f"{metric_head(m)}\n(95 % interval)" for m in board.metrics]
    table = Table(
        "model",
        *heads,
        "p (Holm)",
        "is first",
        *(name for name, _ in COSTS),
        "evaluated,\nabsent,\nmissed,\nfalse alarms",
        "done",
        title=escape(board.title),
    )
    for entry in board.entries:
        table.add_row(*_line(board, entry))
    console.print(table)
    for entry in board.entries:
        if told := apart(entry):
            console.print(f"{entry.name}: Dice differs by {told}", markup=False)
    for cell in board.unfinished:
        console.print(f"unfinished: {cell.name}: {cell.state}{': ' + cell.why if cell.why else ''}", markup=False)
    for note in board.notes:
        console.print(f"note: {note}", markup=False)


def apart(entry: Entry) -> str:
    """How far a model's mean Dice lies apart between its seeds and between its folds."""
    folds = entry.folds["dice"].std if "dice" in entry.folds else None
    parts = {"seeds": entry.seed_sd, "folds": folds}
    return ", ".join(f"{sd:.4f} (sd) between {what}" for what, sd in parts.items() if sd is not None)


def metric_head(metric: str) -> str:
    """``HD95 (mm)``."""
    unit = METRICS[metric].unit
    return NAMES.get(metric, metric.replace("_", " ")) + (f" ({unit})" if unit else "")


def number(value: float | None, metric: str) -> str:
    """A value of a metric with as many digits as it deserves."""
    return "-" if value is None else f"{value:.{_DIGITS.get(METRICS[metric].unit, 2)}f}"


def interval(quality: Quality, metric: str) -> str:
    """``0.8123 to 0.8456``."""
    if quality.low is None or quality.high is None:
        return "-"
    return f"{number(quality.low, metric)} to {number(quality.high, metric)}"


def parameters(cost: Cost) -> str:
    """Millions of parameters."""
    return "-" if cost.parameters is None else f"{show_value(cost.parameters / 1e6)} M"


def multiply_adds(cost: Cost) -> str:
    """Thousand millions of multiply-adds for one patch."""
    return "-" if cost.multiply_adds is None else f"{show_value(cost.multiply_adds / 1e9)} G"


def memory(cost: Cost) -> str:
    """Peak memory; a GPU's beside it."""
    if cost.peak_bytes is None:
        return "-"
    device = "" if cost.device_peak_bytes is None else f" + {show_memory(cost.device_peak_bytes)} GPU"
    return show_memory(cost.peak_bytes) + device


def seconds(value: float | None) -> str:
    """A time, or a dash."""
    return "-" if value is None else show_time(value)


COSTS: tuple[tuple[str, Callable[[Cost], str]], ...] = (
    ("parameters", parameters),
    ("multiply-adds", multiply_adds),
    ("peak memory", memory),
    ("per case", lambda cost: seconds(cost.predict_s)),
    ("training", lambda cost: seconds(cost.train_s)),
)


def board_csv(board: Board) -> str:
    """One line per model and class (``all`` is the mean over classes, ``all, fold 0`` that in one fold); numbers in
    full, costs beside each, and the number of cases tested and what stands behind each mean. A training that is not
    done has a line of its own, which says why."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    parts = ("mean", "low", "high")
    heads = [f"{m}_{p}" for m in board.metrics for p in parts]
    costs = [n for n in Cost.model_fields if n != "patch"]
    counts, trainings = tuple(Tally.model_fields), ("cases", "done", "asked")
    tests, marks = ("p_holm", "first_share"), "; ".join(board.marked)
    writer.writerow(["model", "class", *heads, *tests, *costs, "patch", *counts, *trainings, "marked", "why"])
    for entry in board.entries:
        for name, row, tally in _aggregates(entry):
            qualities = [row.get(m, Quality(mean=None)) for m in board.metrics]
            numbers = [_text(getattr(q, p)) for q in qualities for p in parts]
            tested = _tests(board, entry) if name == "all" else ["", ""]
            prices = [_text(getattr(entry.cost, c)) for c in costs]
            patch = "x".join(map(str, entry.cost.patch))
            counted = [*(getattr(tally, c) for c in counts), *(getattr(entry, c) for c in trainings)]
            writer.writerow([entry.name, name, *numbers, *tested, *prices, patch, *counted, marks, ""])
    for cell in board.unfinished:
        empty = [""] * (len(heads) + len(tests) + len(costs) + 1 + len(counts) + len(trainings))
        writer.writerow([cell.name, f"unfinished: {cell.state}", *empty, marks, " ".join(cell.why.split())])
    return text.getvalue()


def _aggregates(entry: Entry) -> Iterator[tuple[str, dict[str, Quality], Tally]]:
    """Everything a model has means of: all classes, all classes of each fold, each class."""
    yield "all", entry.quality, entry.counts
    for fold, tally in entry.fold_counts.items():
        yield f"all, {fold}", {m: Quality(mean=spread.folds[fold]) for m, spread in entry.folds.items()}, tally
    for name, row in entry.classes.items():
        yield name, row, entry.class_counts[name]


def _line(board: Board, entry: Entry) -> list[str]:
    cells = [escape(entry.name)]
    for metric in board.metrics:
        quality = entry.quality.get(metric, Quality(mean=None))
        style = _STYLES[board.mark(entry, metric)]
        shown = number(quality.mean, metric)
        bounds = "" if quality.low is None else f"\n{interval(quality, metric)}"
        cells.append((f"[{style}]{shown}[/]" if style else shown) + ("*" if style == "dim" else "") + bounds)
    first = board.first_share(entry, board.metrics[0]) if board.metrics else None
    p = board.p_holm(entry, board.metrics[0]) if board.metrics else None
    cells += ["-" if p is None else f"{p:.3g}", "-" if first is None else f"{100 * first:.0f} %"]
    cells += [show(entry.cost) for _, show in COSTS]
    n = entry.counts
    counted = f"{n.evaluated}, {n.absent},\n{n.missed}, {n.false_alarm}"
    return [*cells, counted, f"{entry.done}/{entry.asked}"]


def _tests(board: Board, entry: Entry) -> list[str]:
    if not board.metrics:
        return ["", ""]
    return [_text(board.p_holm(entry, board.metrics[0])), _text(board.first_share(entry, board.metrics[0]))]


def _text(value: float | int | None) -> str:
    return "" if value is None else repr(value)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=180)
