"""`Subgroup`: the same numbers for a part of the cases: one scanner, one site, small lesions.

A file of groups is a CSV: the first column is the case's name, every further one a way to group
(``case,scanner,site``). Cases without a row, or with an empty cell, make the group ``not given``: they are never
dropped. Rows of cases that were not evaluated are left out and told, since one file may describe a whole
study.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from delineate.core.errors import UsageError
from delineate.core.listing import listed
from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import Summary, grouped, summary_of

NOT_GIVEN = "not given"
NO_TRUTH = "no truth"
SIZE = "size"

_VOLUME = "truth_volume_ml"


class Subgroup(Summary):
    """The summary of the ``cases`` cases whose ``column`` has this ``value``. With sizes a group holds single classes
    of cases: one case may have a small lesion and a large organ."""

    column: str
    value: str
    cases: int


@dataclass(frozen=True)
class Groups:
    """What a file of groups says: the columns, and by case the value of each."""

    columns: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]


def read_groups(path: Path, with_sizes: bool = False) -> Groups:
    """Read a file of groups; ``with_sizes`` where `split_by_size` adds its own.

    Raises:
        UsageError: it cannot be read, has no column to group by, a row of another length, a case twice, or a column
            that is called like the groups of sizes.
    """
    expected = "a CSV whose first column is the case's name and whose others group: case,scanner,site"
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file) if any(map(str.strip, line))]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}", expected) from error
    if not lines or len(lines[0]) < 2:
        raise UsageError(f"{path} has no column to group by", expected, "separate columns by commas")
    (_, *columns), *rows = lines
    odd = [line[0] for line in rows if len(line) != len(columns) + 1]
    if odd:
        raise UsageError(f"rows of {path} with more or fewer cells than the first: {', '.join(odd[:8])}", expected)
    values = {case: tuple(cells) for case, *cells in rows}
    if len(values) < len(rows) or len(set(columns)) < len(columns):
        raise UsageError(f"{path} names a case or a column twice", "every case and every column once")
    if with_sizes and SIZE in columns:
        raise UsageError(
            f"{path} has a column {SIZE}, and the groups of --size-bins have that name as well",
            "groups of different names",
            f"rename the column {SIZE}, or leave --size-bins out",
        )
    return Groups(tuple(columns), values)


def split_by_groups(rows: Sequence[ClassScore], groups: Groups) -> tuple[tuple[Subgroup, ...], tuple[str, ...]]:
    """The subgroups of every column, values in alphabetical order and ``not given`` last; and what to tell about cases.

    Raises:
        UsageError: the file knows none of the cases.
    """
    cases = tuple(grouped(rows, "case"))
    unknown = [c for c in cases if c not in groups.values]
    unused = [c for c in groups.values if c not in set(cases)]
    if len(unknown) == len(cases):
        raise UsageError(
            f"the groups name none of the {len(cases)} cases; they name {listed(unused)}",
            f"case names as in the table: {listed(cases)}",
            "write the names of the files without their suffix into the first column",
        )
    notes = []
    if unknown:
        notes.append(f"no row in the groups, so counted as {NOT_GIVEN}: {listed(unknown)}")
    if unused:
        notes.append(f"in the groups, but not evaluated: {listed(unused)}")
    found: list[Subgroup] = []
    for i, column in enumerate(groups.columns):
        given = {case: cells[i] or NOT_GIVEN for case, cells in groups.values.items()}
        order = sorted(set(given.values()) - {NOT_GIVEN})
        found += _split(rows, column, (*order, NOT_GIVEN), [given.get(row.case, NOT_GIVEN) for row in rows])
    return tuple(found), tuple(notes)


def split_by_size(rows: Sequence[ClassScore], edges_ml: Sequence[float] | None = None) -> tuple[Subgroup, ...]:
    """Subgroups by the volume of the truth, smallest first; classes that the truth lacks are in ``no truth``.

    Without edges every class is cut at its own tertiles; with them all classes are cut at the same volumes, an edge
    belonging to the larger group.

    Raises:
        UsageError: the edges do not rise, or the scores hold no volume of the truth.
    """
    if any(_VOLUME not in r.values for r in rows):
        raise UsageError(f"scores without {_VOLUME}", "scores of this version", "evaluate the masks anew")
    if edges_ml is not None:
        return _split_at(rows, _rising(edges_ml))
    tertiles = {name: _tertiles(group) for name, group in grouped(rows, "class_name").items()}
    names = ("smallest third", "middle third", "largest third")

    def third(row: ClassScore) -> str:
        edges = tertiles[row.class_name]
        size = row.values[_VOLUME]
        return names[int(np.searchsorted(edges, size, side="left"))] if size > 0 else NO_TRUTH

    return _split(rows, SIZE, (*names, NO_TRUTH), [third(row) for row in rows])


def parse_size_bins(text: str) -> tuple[float, ...] | None:
    """``tertiles`` as None, ``1,10,50`` as the edges in millilitres.

    Raises:
        UsageError: it is neither, or the edges do not rise.
    """
    if text.strip() == "tertiles":
        return None
    try:
        return _rising([float(part) for part in text.split(",")])
    except ValueError as error:
        raise UsageError(f"size bins {text!r}", "tertiles, or edges in millilitres: 1,10,50") from error


def _rising(edges_ml: Sequence[float]) -> tuple[float, ...]:
    edges = tuple(edges_ml)
    if not edges or not all(low < high for low, high in pairwise((0.0, *edges, float("inf")))):
        raise UsageError(f"size edges {', '.join(map(str, edges))}", "millilitres above 0 that rise: 1,10,50")
    return edges


def _split_at(rows: Sequence[ClassScore], edges: Sequence[float]) -> tuple[Subgroup, ...]:
    between = [f"{a:g} to {b:g} ml" for a, b in pairwise(edges)]
    names = (f"below {edges[0]:g} ml", *between, f"{edges[-1]:g} ml and more")

    def named(row: ClassScore) -> str:
        size = row.values[_VOLUME]
        return names[int(np.searchsorted(edges, size, side="right"))] if size > 0 else NO_TRUTH

    return _split(rows, SIZE, (*names, NO_TRUTH), [named(row) for row in rows])


def _split(
    rows: Sequence[ClassScore], column: str, order: Iterable[str], values: Sequence[str]
) -> tuple[Subgroup, ...]:
    parts: dict[str, list[ClassScore]] = {value: [] for value in order}
    for row, value in zip(rows, values, strict=True):
        parts[value].append(row)
    return tuple(
        Subgroup(column=column, value=value, cases=len({r.case for r in part}), **dict(summary_of(part)))
        for value, part in parts.items()
        if part
    )


def _tertiles(rows: Sequence[ClassScore]) -> tuple[float, float]:
    sizes = [r.values[_VOLUME] for r in rows if r.values[_VOLUME] > 0]
    if not sizes:
        return 0.0, 0.0
    low, high = np.quantile(sizes, (1 / 3, 2 / 3)).tolist()
    return low, high
