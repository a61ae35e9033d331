"""`Contents`: the hashes of files, remembered so that a file that has not changed is not read again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

from delineate.core.errors import RunError
from delineate.core.files import hash_file
from delineate.core.record import Record

_NAME = "hashes.json"
_SETTLED_NS = 2_000_000_000


class Seen(Record):
    """A file as it was when it was read. ``changed_ns`` is when the system last touched its entry, which copying
    tools that set the time of modification back cannot hide."""

    size: int
    modified_ns: int
    changed_ns: int
    hash: str

    def still(self, other: Seen) -> bool:
        """Whether nothing suggests that the file changed."""
        return (self.size, self.modified_ns, self.changed_ns) == (other.size, other.modified_ns, other.changed_ns)


class _Kept(Record):
    files: dict[str, Seen] = {}


class Contents:
    """Hashes by file, kept in a folder; those not asked for since it was opened are forgotten when it is saved."""

    def __init__(self, folder: Path, known: dict[str, Seen]) -> None:
        self._folder, self._known, self._asked = folder, known, dict[str, Seen]()

    @classmethod
    def open_folder(cls, folder: Path) -> Self:
        """What was saved there; nothing where that is missing or damaged."""
        try:
            return cls(folder, _Kept.load(folder / _NAME).files)
        except RunError:
            return cls(folder, {})

    def hash_of(self, path: Path) -> str:
        """As `hash_file`, which is called only if the file's size or times are not as they were."""
        name = str(path.absolute())
        told = path.stat()
        now = Seen(size=told.st_size, modified_ns=told.st_mtime_ns, changed_ns=told.st_ctime_ns, hash="")
        seen = self._asked.get(name) or self._known.get(name)
        if seen is None or not seen.still(now):
            seen = now.model_copy(update={"hash": hash_file(path)})
        # a file written a moment ago could be written again within the same tick of its clock
        if time.time_ns() - seen.modified_ns > _SETTLED_NS:
            self._asked[name] = seen
        return seen.hash

    def save(self) -> None:
        """Write what was asked for, if that differs from what was there."""
        if self._asked != self._known:
            _Kept(files=self._asked).save(self._folder / _NAME)
