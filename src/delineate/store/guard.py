"""`Guard`: prepared voxels are compared with their checksums when they are first read.

blosc2 trusts the bytes it is given: a flipped bit decompresses into other numbers without a word.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import StoreError
from delineate.store.entry import Entry

Box = tuple[slice, slice, slice]


class Guard:
    """Compares each chunk of an opened blosc2 array with its sum when it is first touched, and not again.

    Not safe for several threads at once, as the array itself. ``unread`` marks the chunks still to be compared.
    """

    def __init__(self, array: Any, sums: NDArray[np.uint32], unread: NDArray[np.bool_] | None = None) -> None:
        self._frame, self._sums = array.schunk, sums
        self._shape, self._chunks = array.shape, array.chunks
        grid = tuple(-(-n // c) for n, c in zip(array.shape, array.chunks, strict=True))
        self.unread = np.ones(grid, bool) if unread is None else unread
        self._numbers = np.arange(self.unread.size).reshape(grid)

    def holds(self, box: Iterable[slice]) -> bool:
        """Whether every chunk that the box touches is as it was written."""
        spans = [s.indices(n) for s, n in zip(box, self._shape, strict=True)]
        touched = tuple(slice(a // c, -(-b // c)) for (a, b, _), c in zip(spans, self._chunks, strict=True))
        unread = self.unread[touched]
        if not unread.any():
            return True
        for n in self._numbers[touched][unread]:
            if zlib.crc32(self._frame.get_chunk(int(n))) != self._sums[n]:
                return False
        unread[...] = False
        return True


class CaseGuard:
    """The guards of a case's image and label."""

    def __init__(self, case: str, image: Guard, label: Guard) -> None:
        self._case, self._image, self._label = case, image, label

    def check(self, inside: Box) -> None:
        """
        Raises:
            StoreError: a chunk that the box touches is not as it was written.
        """
        for guard, box, file in (
            (self._image, (slice(None), *inside), "image.b2nd"),
            (self._label, inside, "label.b2nd"),
        ):
            if not guard.holds(box):
                raise damaged(self._case, file, "voxels have changed on the disk")


def require(folder: Path, entry: Entry, file: str, whole: bool = False) -> Path:
    """The path of a file of a prepared case, its size and header looked at; every byte of it if ``whole``.

    Raises:
        StoreError: it is not as it was written.
    """
    path, known = folder / file, entry.files.get(file)
    if known is None:
        raise damaged(entry.case, file, "it has no checksum")
    fault = known.fault(path) if whole else known.frame_fault(path)
    if fault:
        raise damaged(entry.case, file, fault)
    return path


def damaged(case: str, file: str, fault: str) -> StoreError:
    """The error about a prepared file that is not as it was written."""
    return StoreError(
        f"the prepared case {case} is damaged: {file}: {fault}",
        "the files as they were written",
        "run the same command with --resume --repair: damaged cases are prepared again and training goes on",
    )
