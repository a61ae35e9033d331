"""`Case` and `Dataset`: which files belong together and what they are called."""

from __future__ import annotations

from pathlib import Path

from delineate.core.labels import Labels
from delineate.core.record import Record


class Case(Record):
    """One scan: a file per channel (or one file with all of them), its mask if there is one, and the patient
    (``group``), which is never split between training and validation."""

    name: str
    images: tuple[Path, ...]
    label: Path | None = None
    group: str = ""


class Dataset(Record):
    """What a layout found in a folder.

    ``channels`` are names (``CT``, ``T1``, ``FLAIR``, ``red`` ...); ``labels`` is what the folder declares, None
    where nothing is declared and the census of the masks decides (`checks`). ``notes`` tells what was inferred.
    """

    root: Path
    layout: str
    channels: tuple[str, ...]
    cases: tuple[Case, ...]
    labels: Labels | None = None
    notes: tuple[str, ...] = ()

    @property
    def labelled(self) -> tuple[Case, ...]:
        """The cases that have a mask."""
        return tuple(c for c in self.cases if c.label is not None)
