"""Finding prepared cases whose files are no longer as they were written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from delineate.core.errors import RunError
from delineate.core.threads import cpus, in_order
from delineate.store.entry import Entry
from delineate.store.lock import only_here

Progress = Callable[[int, int], None]


def remove_damaged(folder: Path, progress: Progress | None = None) -> tuple[str, ...]:
    """Read every byte of the prepared cases in ``folder`` and remove the damaged ones, so that `prepare_dataset` makes
    them anew. The names of their cases, or of their folders where not even the name can be read."""
    if not folder.is_dir():
        return ()
    found = []
    with only_here(folder):
        folders = sorted(p.parent for p in folder.glob("*/case.json"))
        for done, (entry, name) in enumerate(zip(folders, in_order(_damaged, folders, min(4, cpus())), strict=True), 1):
            if name:
                found.append(name)
                shutil.rmtree(entry, ignore_errors=True)
            if progress is not None:
                progress(done, len(folders))
    return tuple(found)


def _damaged(folder: Path) -> str:
    """The case's name if any of its files is damaged."""
    try:
        entry = Entry.load(folder / "case.json")
    except RunError:
        return folder.name
    whole = entry.files and not any(sum_.fault(folder / name) for name, sum_ in entry.files.items())
    return "" if whole else entry.case
