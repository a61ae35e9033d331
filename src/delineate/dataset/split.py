"""Folds for cross-validation; all cases of one patient stand on the same side."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from delineate.core.errors import DataError, UsageError
from delineate.core.record import Record
from delineate.dataset.case import Dataset

FEW_GROUPS = 4
"""Up to so many patients, each one is held out once: folds would leave too little to learn from."""
_MANY_GROUPS = 100
"""From so many patients on, a tenth of them judges well enough, and the others are better learned from."""


class Split(Record):
    """The names of the cases to learn from and of those to judge by."""

    train: tuple[str, ...]
    validation: tuple[str, ...]


class Splits(Record):
    """All folds and how they came about."""

    folds: tuple[Split, ...]
    note: str


def make_splits(data: Dataset, folds: int | None = None, seed: int = 0) -> tuple[Split, ...]:
    """The folds alone; see `split_dataset`."""
    return split_dataset(data, folds, seed).folds


def split_dataset(data: Dataset, folds: int | None = None, seed: int = 0) -> Splits:
    """Folds of about equal numbers of cases, drawn by patient; the same for the same names, groups and seed.

    Where their number is not given there are five, and ten of a hundred patients or more. With four patients or fewer
    (or fewer than ``folds``) each is held out once. A single patient is trained on and validated on, which the note
    says.

    Raises:
        UsageError: fewer than two folds asked for.
        DataError: no case has a label.
    """
    if folds is not None and folds < 2:
        raise UsageError(f"{folds} folds", "2 or more", "to train on everything still name one fold of 5")
    groups: dict[str, list[str]] = defaultdict(list)
    for case in data.labelled:
        groups[case.group or case.name].append(case.name)
    if not groups:
        raise DataError(f"no case in {data.root} has a label", "labelled cases", "add labels")
    folds = folds or (10 if len(groups) >= _MANY_GROUPS else 5)
    if len(groups) == 1:
        names = tuple(sorted(*groups.values()))
        return Splits(
            folds=(Split(train=names, validation=names),),
            note="one patient only: validation is on the training cases and says nothing about new ones",
        )
    few = len(groups) <= max(FEW_GROUPS, folds)
    parts = [sorted(groups[g]) for g in sorted(groups)] if few else _deal(groups, folds, seed)
    every = {name for part in parts for name in part}
    made = tuple(Split(train=tuple(sorted(every - set(part))), validation=tuple(sorted(part))) for part in parts)
    how = "each held out once" if few else f"in {folds} folds, seed {seed}"
    return Splits(folds=made, note=f"{len(every)} cases of {len(groups)} patients, {how}")


def _deal(groups: dict[str, list[str]], folds: int, seed: int) -> list[list[str]]:
    """Shuffle the patients, then give the largest first to the fold with the fewest cases."""
    order = np.random.default_rng(np.random.SeedSequence([seed])).permutation(sorted(groups))
    parts: list[list[str]] = [[] for _ in range(folds)]
    for group in sorted(order, key=lambda g: -len(groups[g])):
        min(parts, key=len).extend(groups[group])
    return parts
