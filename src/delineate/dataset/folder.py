"""Folders: the scans and the folders in one, sorted, hidden files left out."""

from __future__ import annotations

import csv
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.formats import is_scan, strip_suffix


def scans_in(folder: Path, deep: bool = False) -> tuple[Path, ...]:
    """The image files in a folder, with its subfolders if ``deep``."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            found += scans_in(path, deep) if deep else ()
        elif is_scan(path):
            found.append(path)
    return tuple(found)


def folders_in(folder: Path) -> tuple[Path, ...]:
    """The folders in a folder."""
    return tuple(p for p in sorted(folder.iterdir()) if p.is_dir() and not p.name.startswith("."))


def stem(path: Path, root: Path | None = None) -> str:
    """The name without the suffix of its format; with ``root``, the folders below it are kept: ``train/001``."""
    name = strip_suffix(path)
    return name if root is None else (path.relative_to(root).parent / name).as_posix()


def must_exist(paths: dict[str, Path], source: Path) -> None:
    """Refuse a list that names missing files.

    Raises:
        LayoutError: with the first missing files and how many there are.
    """
    lost = [p for p in paths.values() if not p.is_file()]
    if lost:
        first = ", ".join(str(p) for p in lost[:5])
        raise LayoutError(
            f"{source} names {len(lost)} of {len(paths)} files that do not exist: {first}",
            f"paths that are absolute or relative to {source.parent}",
            "correct the paths or bring the files",
        )


def read_table(path: Path) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file (comma, semicolon or tab), by column name in lower case.

    Raises:
        LayoutError: the file is not text or has no rows.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LayoutError(f"{path} is not text in UTF-8", "a CSV file", "save it as CSV UTF-8") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise LayoutError(f"{path} has no rows", "a line of column names and a line per case", "fill in the table")
    mark = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=mark))
    columns = [c.strip().lower() for c in rows[0]]
    odd = [i for i, row in enumerate(rows[1:], 2) if len(row) != len(columns)]
    if odd:
        raise LayoutError(
            f"{path}: row {odd[0]} has {len(rows[odd[0] - 1])} values for {len(columns)} columns",
            "one value per column",
            "put values that hold the separator in quotes",
        )
    return tuple(dict(zip(columns, (v.strip() for v in row), strict=True)) for row in rows[1:])


def unique_names(paths: tuple[Path, ...]) -> tuple[str, ...]:
    """A name per file: the shortest ending of its path that tells all apart, ``T1`` or ``070114-T1``.

    Raises:
        LayoutError: one file is there twice.
    """
    for depth in range(1, max(len(p.parts) for p in paths) + 1):
        names = tuple("-".join((*p.parts[:-1], stem(p))[-depth:]) for p in paths)
        if len(set(names)) == len(names):
            return names
    twice = next(p for p in paths if paths.count(p) > 1)
    raise LayoutError(f"{twice} is listed twice", "each image once", "remove one of the lines")
