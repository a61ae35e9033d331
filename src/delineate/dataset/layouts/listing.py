"""A text file with a case per line: the image (or one per channel) and the mask, as MedicalNet's lists have it."""

from __future__ import annotations

import re
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.channels import name_channels
from delineate.dataset.folder import must_exist, stem, unique_names
from delineate.dataset.layouts import LAYOUTS
from delineate.formats import is_scan


@LAYOUTS.register("listing")
def find_listing(root: Path) -> Dataset | None:
    """Cases of a ``.txt`` file, or of the only such file in a folder; paths are relative to the file's folder."""
    files = [root] if root.suffix == ".txt" else sorted(root.glob("*.txt")) if root.is_dir() else []
    lists = {f: rows for f in files if (rows := read_list(f))}
    if len(lists) > 1:
        raise LayoutError(
            f"{root} holds several lists: {listed(f.name for f in lists)}",
            "one list of images and labels",
            "name the list of the training cases instead of the folder",
        )
    if not lists:
        if root.suffix == ".txt":
            raise LayoutError(
                f"{root} is not a list of images and labels", "`image label` on each line", "correct the list"
            )
        return None
    return _dataset(*lists.popitem())


def read_list(path: Path) -> list[tuple[Path, ...]]:
    """The paths on each line, separated by a tab, a comma or blanks; empty where some line holds no image paths."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return []
    rows = []
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            entries = [e.strip() for e in re.split(r"\t|," if re.search(r"[\t,]", line) else r"\s+", line.strip())]
            if not all(e and is_scan(Path(e)) for e in entries):
                return []
            rows.append(tuple(path.parent / e for e in entries))
    return rows


def _dataset(path: Path, rows: list[tuple[Path, ...]]) -> Dataset:
    odd = [i for i, row in enumerate(rows, 1) if len(row) != len(rows[0]) or len(row) < 2]
    if odd:
        raise LayoutError(
            f"{path}: case {odd[0]} has {len(rows[odd[0] - 1])} paths ({listed(p.name for p in rows[odd[0] - 1])})",
            f"{max(len(rows[0]), 2)}: the image and, last, its label",
            "add the label of each image or remove the line",
        )
    must_exist({f"{i}/{k}": p for i, row in enumerate(rows) for k, p in enumerate(row)}, path)
    names = unique_names(tuple(row[0] for row in rows))
    suffixes = ("",) if len(rows[0]) == 2 else tuple(stem(p) for p in rows[0][:-1])
    channels, said = name_channels(suffixes, rows[0][0])
    return Dataset(
        root=path.parent,
        layout="listing",
        channels=channels,
        cases=tuple(Case(name=n, images=row[:-1], label=row[-1]) for n, row in zip(names, rows, strict=True)),
        notes=(f"{len(rows)} pairs listed in {path.name}", said),
    )
