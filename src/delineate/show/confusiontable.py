"""`ConfusionTable`: which class was taken for which, in shares of the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delineate.evaluate.findings import Findings

MOST_IDS = 16
"""Rows and columns of the table; of more ids those confused most are shown, and a list names the confusions."""
_MOST_LISTED = 20


@dataclass(frozen=True)
class Cell:
    """Voxels of one id that got another (or the same), and their share of the true voxels; None without any."""

    count: int
    share: float | None
    told: str
    right: bool


@dataclass(frozen=True)
class Confused:
    """A confusion by name."""

    true: str
    predicted: str
    count: int
    share: float


@dataclass(frozen=True)
class ConfusionTable:
    """``rows[i]`` holds a name and its cells, in the order of ``names``. ``listed`` are the largest confusions by
    their share of the true class; background that was marked comes by its share of the marked class instead."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    listed: tuple[Confused, ...]
    left_out: int


def confusion_table(findings: Findings) -> ConfusionTable:
    """The table of the findings, row by row normalised."""
    table = np.array(findings.confusion, np.int64)
    shown = _worst_ids(table)
    names = tuple(findings.names[i] for i in shown)
    rows = tuple((findings.names[i], tuple(_cell(findings, table, i, j) for j in shown)) for i in shown)
    return ConfusionTable(names, rows, _listed(findings, table), len(table) - len(shown))


def row_shares(table: np.ndarray) -> np.ndarray:
    """Each row as shares of its sum; nan where that is 0."""
    total = table.sum(axis=1, keepdims=True)
    return np.divide(table, total, out=np.full(table.shape, np.nan), where=total > 0)


def _worst_ids(table: np.ndarray) -> list[int]:
    if len(table) <= MOST_IDS:
        return list(range(len(table)))
    shares = np.nan_to_num(row_shares(table))
    np.fill_diagonal(shares, 0)
    wrong = shares.max(axis=1) + shares[1:].max(axis=0)
    worst = 1 + np.argsort(-wrong[1:], kind="stable")[: MOST_IDS - 1]
    return [0, *sorted(int(i) for i in worst)]


def _cell(findings: Findings, table: np.ndarray, i: int, j: int) -> Cell:
    total = int(table[i].sum())
    count = int(table[i, j])
    told = f"{count:,} of {total:,} voxels of {findings.names[i]} were marked {findings.names[j]}"
    return Cell(count, count / total if total else None, told, i == j)


def _listed(findings: Findings, table: np.ndarray) -> tuple[Confused, ...]:
    true, predicted = table.sum(axis=1), table.sum(axis=0)
    found = []
    for i, j in zip(*np.nonzero(table), strict=True):
        if i != j:
            whole = predicted[j] if i == 0 else true[i]
            share = float(table[i, j] / whole)
            found.append(Confused(findings.names[i], findings.names[j], int(table[i, j]), share))
    return tuple(sorted(found, key=lambda c: -c.share)[:_MOST_LISTED])
