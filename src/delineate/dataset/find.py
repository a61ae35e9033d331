"""Cases in whatever a person names: the layouts are asked in a fixed order, the first that knows it answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import listed
from delineate.dataset.case import Dataset
from delineate.dataset.folder import scans_in
from delineate.dataset.group import group_cases
from delineate.dataset.layouts import LAYOUTS
from delineate.dataset.scans import find_scans

__all__ = ["find_cases", "find_scans"]

_ORDER = ("msd", "nnunet", "manifest", "listing", "paired", "beside", "folders")
"""Declared before listed before inferred; layouts of other packages come after these, by name."""


def find_cases(root: Path, layout: str | None = None) -> Dataset:
    """The cases of a folder (or of a list, a table, a dataset.json), each with its patient; nothing is changed on disk.

    Raises:
        LayoutError: the path is missing or empty, no layout knows it, or the one that does finds it ambiguous.
        UnknownNameError: no layout is named ``layout``.
    """
    root = Path(root).expanduser().absolute()
    if not root.exists():
        raise LayoutError(f"{root} does not exist", "a folder of images and labels", "check the path")
    names = (layout,) if layout else (*_ORDER, *(n for n in LAYOUTS.names() if n not in _ORDER))
    for name in names:
        data = LAYOUTS[name](root)
        if data is not None:
            _require_unique(data)
            return group_cases(data)
    raise LayoutError(
        f"{root} is not {'a data set of layout ' + layout if layout else 'arranged in a known way'}: {_seen(root)}",
        "a folder with images and labels (images/ and labels/, a folder per case, pairs beside each other), "
        "a dataset.json, a list `image label` per line, or a manifest.csv",
        "name the folder that holds both, or write a manifest.csv with the columns image,label",
    )


def _require_unique(data: Dataset) -> None:
    twice = [name for name, n in Counter(c.name for c in data.cases).items() if n > 1]
    if twice:
        raise LayoutError(
            f"several cases are named {listed(twice)}",
            "one name per case",
            "rename them in the list or table that names them",
        )


def _seen(root: Path) -> str:
    """What is there, for the message."""
    if not root.is_dir():
        return "it is one file"
    entries = sorted(p.name + "/" * p.is_dir() for p in root.iterdir() if not p.name.startswith("."))
    if not entries:
        return "it is empty"
    return f"it holds {len(scans_in(root, deep=True))} images in a known format, and {listed(entries)}"
