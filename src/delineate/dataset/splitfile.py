"""Folds that somebody else drew: delineate's ``splits.json`` or nnU-Net's ``splits_final.json``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from delineate.core.errors import SplitError
from delineate.core.listing import counted, listed
from delineate.dataset.case import Dataset
from delineate.dataset.split import Split, Splits
from delineate.formats import strip_suffix

_FORMS = (
    '{"folds": [{"train": [...], "validation": [...]}, ...]} as delineate writes it, or '
    '[{"train": [...], "val": [...]}, ...] as nnU-Net does'
)


def read_splits(path: Path, data: Dataset, left_out: Sequence[str] = ()) -> Splits:
    """The folds in a file, for the labelled cases of ``data``. Names may carry the suffix of their file.

    ``left_out`` are cases, in their order, that come after those of ``data`` and are not used this time (the knob
    ``limit_cases``): they are taken out of the folds.

    Raises:
        SplitError: not such a file; or in a fold a case is unknown, missing, named twice or on both sides, or a patient
            is on both sides, all named; or nothing of a side is left once ``left_out`` are taken out.
    """
    path = Path(path)
    folds = tuple(_fold(entry, path) for entry in _entries(path))
    known = {c.name: c.group or c.name for c in data.labelled}
    every = {*known, *left_out}
    folds = tuple(Split(train=_named(f.train, every), validation=_named(f.validation, every)) for f in folds)
    if left_out:
        folds = _limited(folds, [*known, *left_out], len(known), path)
    wrong = [f"fold {n}: {told}" for n, fold in enumerate(folds) for told in _complaints(fold, known)]
    if wrong:
        raise SplitError(
            f"{path} does not divide the cases of {data.root}:\n  " + "\n  ".join(wrong),
            "in each fold every labelled case once, and all cases of a patient on the same side",
            "correct the file; `delineate check` shows the names of the cases and whom it takes for one patient, and "
            "a cases.csv beside the data can say better",
        )
    told = f"{counted(len(known), 'case')} in {counted(len(folds), 'fold')} of {path.name}"
    limit = f"; limit_cases leaves {counted(len(left_out), 'case')} of the file out" if left_out else ""
    return Splits(folds=folds, note=told + limit)


def _limited(folds: tuple[Split, ...], names: Sequence[str], most: int, path: Path) -> tuple[Split, ...]:
    """The folds with the first ``most`` of all cases (``names``) and without the others."""

    def first(side: Iterable[str]) -> int:
        """How many cases must be used for one of this side to be among them."""
        return min((place[n] for n in side if n in place), default=0) + 1

    place = {name: number for number, name in enumerate(names)}
    needed = [max(first(f.train), first(f.validation)) for f in folds]
    if max(needed) > most:
        empty = ", ".join(str(n) for n, least in enumerate(needed) if least > most)
        raise SplitError(
            f"of the {most} cases that limit_cases leaves, fold {empty} of {path} has none to train on or none to "
            "validate on",
            "a case on either side of each fold",
            f"--set limit_cases={max(needed)} is the least that will do for this file; or leave limit_cases out",
        )
    gone = set(names[most:])
    return tuple(
        Split(
            train=tuple(n for n in f.train if n not in gone), validation=tuple(n for n in f.validation if n not in gone)
        )
        for f in folds
    )


def _entries(path: Path) -> list[Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SplitError(f"{path} cannot be read: {error}", _FORMS, "check the path and the file") from error
    found = held.get("folds", [held]) if isinstance(held, dict) else held
    if not isinstance(found, list) or not found:
        raise SplitError(f"{path} holds no folds", _FORMS, "check that this is a file of folds")
    return found


def _fold(entry: Any, path: Path) -> Split:
    held: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    sides = (held.get("train"), held.get("validation", held.get("val")))
    if not all(isinstance(side, list) and side and all(isinstance(n, str) for n in side) for side in sides):
        raise SplitError(f"{path} holds a fold without names to train on and to validate on", _FORMS, "correct it")
    train, validation = (tuple(side or ()) for side in sides)
    return Split(train=train, validation=validation)


def _named(names: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(n if n in known else strip_suffix(Path(n)) for n in names))


def _complaints(fold: Split, known: Mapping[str, str]) -> list[str]:
    named = Counter((*fold.train, *fold.validation))
    both = set(fold.train) & set(fold.validation)
    patients = {known[n] for n in fold.train if n in known} & {known[n] for n in fold.validation if n in known}
    patients -= {known[n] for n in both if n in known}
    told = (
        ("not in the data", named.keys() - known.keys()),
        ("in neither side", known.keys() - named.keys()),
        ("to train on and to validate on", both),
        ("named twice", {n for n, count in named.items() if count > 1} - both),
        ("patients on both sides", patients),
    )
    return [f"{what}: {listed(sorted(names))}" for what, names in told if names]
