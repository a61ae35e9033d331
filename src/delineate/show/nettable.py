"""The networks as a table on the terminal, and the card of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from delineate.core.record import Record
from delineate.core.units import show_memory


class NetRow(Record):
    """A network of the registry. The numbers are for one patch in training: ``memory_bytes`` is kept for the backward
    pass with weights, gradients and two moments; ``step_s`` was measured here, if asked for. ``refused`` tells why it
    cannot take the patch, and has no numbers, or why it was not timed. ``flat_only``, ``differs`` and ``verified`` are
    its card's: why it has no third dimension, what is not as in the paper, and against what it was checked. ``about``
    tells what its options are."""

    name: str
    dims: tuple[int, ...]
    year: int
    title: str
    paper: str
    options: dict[str, Any]
    flat_only: str = ""
    differs: str = ""
    verified: str = ""
    about: str = ""
    parameters: int | None = None
    multiply_adds: int | None = None
    memory_bytes: int | None = None
    step_s: float | None = None
    refused: str = ""


def show_nets(rows: Iterable[NetRow]) -> None:
    """A row for each; columns without numbers are left out. What was refused is told below."""
    from rich.console import Console
    from rich.table import Table

    rows = list(rows)
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = {
        "network": lambda r: r.name,
        "dims": lambda r: ", ".join(map(str, r.dims)),
        "weights": lambda r: _millions(r.parameters),
        "multiply-adds": lambda r: _billions(r.multiply_adds),
        "memory": lambda r: "" if r.memory_bytes is None else show_memory(r.memory_bytes),
        "step": lambda r: "" if r.step_s is None else f"{r.step_s:.3g} s",
        "paper": cited,
    }
    texts = {head: [of(r) for r in rows] for head, of in columns.items()}
    shown = [head for head, cells in texts.items() if any(cells)]
    for head in shown:
        number = head in ("weights", "multiply-adds", "memory", "step")
        table.add_column(head, justify="right" if number else "left", no_wrap=head != "paper")
    for cells in zip(*(texts[head] for head in shown), strict=True):
        table.add_row(*cells)
    console = Console()
    console.print(table)
    for row in rows:
        if row.refused:
            console.print(f"{row.name}: {row.refused}", markup=False, highlight=False)


def cited(row: NetRow) -> str:
    """The paper in a few words: "Zhu et al., ICCV 2019"."""
    first = row.paper.partition(";")[0]
    authors, _, rest = first.partition(": ")
    names = authors.split(", ")
    if len(names) == 1:  # a network without a paper says so where the authors stand
        return f"{names[0]}, {row.year}"
    who = " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return f"{who}, {rest.rpartition('. ')[2]}"


def show_net(row: NetRow) -> None:
    """Title, paper, what differs from it, against what it was checked, options and cost."""
    from rich.console import Console

    console = Console(soft_wrap=True)
    console.print(f"{row.name}: {row.title}", markup=False, highlight=False)
    console.print(row.paper, markup=False, highlight=False)
    options = ", ".join(f"{k}={v}" for k, v in row.options.items())
    dims = ", ".join(map(str, row.dims)) + (f" only: {row.flat_only}" if row.flat_only else "")
    told = [f"dims: {dims}", f"differs: {row.differs}", f"verified: {row.verified}", f"options: {options or 'none'}"]
    told += [" ".join(row.about.split())] if row.about and options else []
    if row.parameters is not None and row.memory_bytes is not None:
        told.append(
            f"{_millions(row.parameters)} weights, {_billions(row.multiply_adds)} multiply-adds, "
            f"{show_memory(row.memory_bytes)} to train on one patch"
        )
    for line in told:
        console.print(line, markup=False, highlight=False)


def _millions(number: int | None) -> str:
    return "" if number is None else f"{number / 1e6:.2f} M"


def _billions(number: int | None) -> str:
    return "" if number is None else f"{number / 1e9:.2f} G"
