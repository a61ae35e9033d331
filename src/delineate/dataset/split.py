"""Folds for cross-validation; all cases of one patient stand on the same side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from pydantic import Field

from delineate.core.errors import DataError, SplitError, UsageError
from delineate.core.record import Record
from delineate.dataset.case import Dataset
from delineate.dataset.fingerprint import Fingerprint
from delineate.dataset.stratify import deal, describe_patients

FEW_GROUPS = 4
"""Up to so many patients, each one is held out once: folds would leave too little to learn from."""
_MANY_GROUPS = 100
"""From so many patients on, a tenth of them judges well enough, and the others are better learned from."""

Groups = dict[str, list[str]]


class Split(Record):
    """The names of the cases to learn from and of those to judge by."""

    train: tuple[str, ...] = Field(min_length=1)
    validation: tuple[str, ...] = Field(min_length=1)


class Splits(Record):
    """All folds and how they came about."""

    folds: tuple[Split, ...] = Field(min_length=1)
    note: str


def split_dataset(
    data: Dataset,
    folds: int | None = None,
    seed: int = 0,
    *,
    holdout: float | None = None,
    finger: Fingerprint | None = None,
) -> Splits:
    """Folds of about equal numbers of cases, drawn by patient; the same for the same names, groups and seed.

    Where their number is not given there are five, and ten of a hundred patients or more. With four patients or fewer
    (or fewer than ``folds``) each is held out once. A single patient is trained on and validated on, which the note
    says. ``holdout`` is the share of the cases to judge by in one fold instead. With ``finger`` the folds are alike in
    classes and sizes (`dataset.stratify`).

    Raises:
        UsageError: fewer than two folds asked for, or folds and a hold-out.
        DataError: no case has a label.
    """
    _refuse_contradiction(folds, holdout)
    groups = _by_patient(data)
    folds = folds or (10 if len(groups) >= _MANY_GROUPS else 5)
    every = {name for members in groups.values() for name in members}
    if len(groups) == 1:
        names = tuple(sorted(every))
        return Splits(
            folds=(Split(train=names, validation=names),),
            note="one patient only: validation is on the training cases and says nothing about new ones",
        )
    alike = finger is not None and bool(finger.class_names)
    if holdout is not None:
        parts = _stratified(groups, (holdout, 1 - holdout), 1, finger, seed)[:1]
        how = f"{len(parts[0])} held out, seed {seed}"
    elif len(groups) <= max(FEW_GROUPS, folds):
        parts, how, alike = [groups[g] for g in sorted(groups)], "each held out once", False
    else:
        shares = (1 / folds,) * folds
        parts = _stratified(groups, shares, folds, finger, seed) if alike else _deal(groups, folds, seed)
        how = f"in {folds} folds, seed {seed}"
    made = tuple(Split(train=tuple(sorted(every - set(part))), validation=tuple(sorted(part))) for part in parts)
    told = [f"{len(every)} cases of {len(groups)} patients, {how}" + (", alike in classes and sizes" if alike else "")]
    return Splits(folds=made, note="; ".join([*told, *_never_learned(made, finger)]))


def refuse_near(splits: Splits, pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse folds that train on one and validate on the other of two cases that show the same scan.

    Raises:
        SplitError: there are such pairs; all are named.
    """
    apart = [
        f"{a} and {b}"
        for a, b in pairs
        if any((a in s.validation and b in s.train) or (b in s.validation and a in s.train) for s in splits.folds)
    ]
    if apart:
        more = f" and {len(apart) - 10} more pairs" if len(apart) > 10 else ""
        raise SplitError(
            f"nearly the same image in training and validation: {'; '.join(apart[:10])}{more}",
            "each scan on one side only: a copy in both makes the scores too good",
            "remove one of each pair; or give both the same patient in cases.csv, or have that done with "
            "--set near_duplicates=group; if they are different scans after all: --set near_duplicates=allow",
        )


def _refuse_contradiction(folds: int | None, holdout: float | None) -> None:
    if folds is not None and folds < 2:
        raise UsageError(f"{folds} folds", "2 or more", "to hold out one part only set holdout to its share, e.g. 0.2")
    if folds is not None and holdout is not None:
        raise UsageError(f"{folds} folds and a hold-out of {holdout:g}", "one of the two", "leave one of them unset")


def _by_patient(data: Dataset) -> Groups:
    groups: Groups = defaultdict(list)
    for case in data.labelled:
        groups[case.group or case.name].append(case.name)
    if not groups:
        raise DataError(f"no case in {data.root} has a label", "labelled cases", "add labels")
    return dict(groups)


def _stratified(
    groups: Groups, shares: Sequence[float], judged: int, finger: Fingerprint | None, seed: int
) -> list[list[str]]:
    """The cases of each part; see `deal`."""
    sizes = {} if finger is None else {c.name: c.class_voxels for c in finger.cases}
    dealt = deal(describe_patients(groups, sizes, len(shares), seed), shares, judged)
    return [[name for patient in part for name in groups[patient]] for part in dealt]


def _deal(groups: Groups, folds: int, seed: int) -> list[list[str]]:
    """Shuffle the patients, then give the largest first to the fold with the fewest cases."""
    order = np.random.default_rng(np.random.SeedSequence([seed])).permutation(sorted(groups))
    parts: list[list[str]] = [[] for _ in range(folds)]
    for group in sorted(order, key=lambda g: -len(groups[g])):
        min(parts, key=len).extend(groups[group])
    return parts


def _never_learned(folds: Sequence[Split], finger: Fingerprint | None) -> list[str]:
    """Which folds train without which class."""
    if finger is None:
        return []
    found = []
    for k, name in enumerate(finger.class_names):
        holders = {c.name for c in finger.cases if c.class_voxels[k]}
        without = [f for f, split in enumerate(folds) if holders and not holders & set(split.train)]
        if without:
            found.append(f"fold {', '.join(map(str, without))} trains without {name}: too few patients have it")
    return found
