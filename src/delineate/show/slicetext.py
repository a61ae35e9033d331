"""Scores of slices as text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from delineate.evaluate.slicetable import SlicePart, SliceSummary

_MOST_NAME = 20
_MEANT = "edges: the first and the last slice of a case with truth of the class; middle: the others with truth"


def show_slices(summaries: Sequence[SliceSummary], console: Console | None = None) -> None:
    """A line per class: Dice over its slices, what the mean leaves out or holds at its worst, and Dice at the edges of
    the class beside that in its middle."""
    from rich import box

    console = console or Console(highlight=False)
    lines = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    heads = ("dice of\nslices", "n", "ab-\nsent", "mis-\nsed", "false\nalarm", "dice at\nedges", "n", "mis-\nsed",
             "dice in\nmiddle", "n", "mis-\nsed")  # fmt: skip
    lines.add_column("class", overflow="fold")
    for head in heads:
        lines.add_column(head, justify="right", no_wrap=True)
    for s in summaries:
        counts = (s.n, s.absent, s.missed, s.false_alarm)
        name = s.class_name if len(s.class_name) <= _MOST_NAME else s.class_name[: _MOST_NAME - 1] + "…"
        lines.add_row(escape(name), _dice(s), *map(str, counts), *_full(s.edge), *_full(s.middle))
    console.print(end="\n")
    console.print(lines)
    console.print(f"[yellow]note[/] {_MEANT}", soft_wrap=True)


def _full(part: SlicePart) -> tuple[str, ...]:
    return _dice(part), str(part.n), str(part.missed)


def _dice(part: SlicePart) -> str:
    value = part.metrics["dice"]
    return "-" if value is None else f"{value:.3f}"
