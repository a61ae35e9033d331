"""The patient of a case, so that one patient is never in training and validation at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from delineate.core.listing import counted
from delineate.dataset.case import Case, Dataset
from delineate.dataset.folder import read_table
from delineate.formats import strip_suffix

_PATIENT_FIRST = (
    r"(sub-[a-z0-9]+)(?:[_-].*)?",  # BIDS
    r"(tcga-\w\w-\w{4})(?:-.*)?",
    r"(brats-[a-z]+-\d+)-\d{3}",  # patient and time
    r"(.*?(?:patient|pat|subject|subj|pt|case|sub)[_-]?\d+)(?:[_-].*)?",
)
_PART_AFTER = re.compile(
    r"(.*\d.*?)[_-](?:(?:frame|fr|slice|sl|tp|time|timepoint|visit|ses|session|scan|run|nodule|lesion|image|img|im|part|"
    r"crop|patch|tile|day|week|echo|phase|view)[_-]?\d+|[tnz]\d+)(?:[_-].*)?",
    re.IGNORECASE,
)


def patient_of(name: str) -> str:
    """The part of a case's name that names the patient, or the whole name.

    ``patient001_frame12`` is patient001, ``SC-HF-I-04-IM-0001-0007`` SC-HF-I-04, ``LIDC-0001_n0`` LIDC-0001. A
    part is only taken for a patient if it holds a number, so that ``train_img_07`` is not patient ``train``.
    """
    for pattern in _PATIENT_FIRST:
        if match := re.fullmatch(pattern, name, re.IGNORECASE):
            return match[1]
    match = _PART_AFTER.fullmatch(name)
    return match[1] if match else name


def patient_column(rows: tuple[dict[str, str], ...]) -> str | None:
    """The column of a table that names patients; None where there is none or a value is missing."""
    for column in rows[0]:
        if re.search(r"patient|subject|group", column) and all(row[column] for row in rows):
            return column
    return None


def group_cases(data: Dataset) -> Dataset:
    """The data set with a patient for each case: as declared, from ``cases.csv`` beside it, or from the names."""
    if all(case.group for case in data.cases):
        return data.model_copy(update={"notes": (*data.notes, _count(data.cases, "declared, or one per folder"))})
    table = data.root / "cases.csv"
    known = _patients(table) if table.is_file() else {}
    if known and all(c.name in known for c in data.cases):
        groups, how = {c.name: known[c.name] for c in data.cases}, f"from {table.name}"
    else:
        groups, how = {c.name: patient_of(c.name) for c in data.cases}, "inferred from the names"
    cases = tuple(c.model_copy(update={"group": c.group or groups[c.name]}) for c in data.cases)
    return data.model_copy(update={"cases": cases, "notes": (*data.notes, _count(cases, how))})


def join_patients(data: Dataset, pairs: Iterable[tuple[str, str]]) -> Dataset:
    """The data set with one patient where two cases of a pair have two; a note says which."""
    group = {c.name: c.group or c.name for c in data.cases}
    joined = []
    for a, b in pairs:
        one, other = sorted((group[a], group[b]))
        if one != other:
            group = {name: one if g == other else g for name, g in group.items()}
            joined.append(f"{a} with {b}")
    if not joined:
        return data
    note = f"treated as one patient, since they show nearly the same: {', '.join(joined)}"
    cases = tuple(c.model_copy(update={"group": group[c.name]}) for c in data.cases)
    return data.model_copy(update={"cases": cases, "notes": (*data.notes, note)})


def _patients(table: Path) -> dict[str, str]:
    """Patient by case name; the column of cases is the first one with another value in every row."""
    rows = read_table(table)
    patient = patient_column(rows)
    unique = [c for c in rows[0] if c != patient and len({row[c] for row in rows}) == len(rows)]
    if patient is None or not unique:
        return {}
    return {strip_suffix(Path(row[unique[0]])): row[patient] for row in rows}


def _count(cases: tuple[Case, ...], how: str) -> str:
    groups = {c.group for c in cases}
    told = counted(len(cases), "case")
    if len(groups) == len(cases) and how.startswith("inferred"):
        return f"{told}, each taken for another patient (nothing in the names says otherwise)"
    return f"{told} of {counted(len(groups), 'patient')} ({how}), for example {cases[0].name} of {cases[0].group}"
