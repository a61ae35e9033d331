"""Checksums of prepared files: damage is told before it is trained on.

Of a file of chunks the parts that say where the chunks lie have a sum of their own, cheap to compare whenever it is
opened; its chunks are compared as they are read (`guard`).
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record

_BLOCK = 1 << 20
_HEADER_LENGTH = slice(11, 15)
_CHUNKS_LENGTH = slice(39, 47)


class Checksum(Record):
    """Size and CRC-32 of a file; ``frame`` is that of a chunked file without its chunks."""

    size: int
    crc32: int
    frame: int | None = None

    def fault(self, path: Path) -> str:
        """What is wrong with the file, every byte read; nothing where all is well."""
        return self.size_fault(path) or ("" if crc_of_file(path) == self.crc32 else "its bytes have changed")

    def size_fault(self, path: Path) -> str:
        """What a look at the directory tells: the file is gone or of another size."""
        try:
            size = path.stat().st_size
        except OSError as error:
            return error.strerror or "it cannot be read"
        return "" if size == self.size else f"it has {size} bytes instead of {self.size}"

    def frame_fault(self, path: Path) -> str:
        """As `size_fault`, and the header and index of a chunked file."""
        fault = self.size_fault(path)
        if fault or self.frame is None:
            return fault
        with path.open("rb") as file:
            head = file.read(_CHUNKS_LENGTH.stop)
            first, last = _edges(head)
            if not 0 <= first <= last <= self.size:
                return "its header has changed"
            file.seek(0)
            header = file.read(first)
            file.seek(last)
            found = zlib.crc32(file.read(), zlib.crc32(header))
        return "" if found == self.frame else "its header or index has changed"


def checksum_of(data: bytes, chunked: bool = False) -> Checksum:
    """Of the bytes of a file, which is a blosc2 frame where ``chunked``."""
    if not chunked:
        return Checksum(size=len(data), crc32=zlib.crc32(data))
    first, last = _edges(data)
    view = memoryview(data)
    return Checksum(size=len(data), crc32=zlib.crc32(data), frame=zlib.crc32(view[last:], zlib.crc32(view[:first])))


def crc_of_file(path: Path) -> int:
    """CRC-32 of the content of a file."""
    found = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found


def chunk_sums(array: Any) -> NDArray[np.uint32]:
    """CRC-32 of every compressed chunk of a blosc2 array."""
    frame = array.schunk
    return np.array([zlib.crc32(frame.get_chunk(n)) for n in range(frame.nchunks)], np.uint32)


def _edges(frame: bytes) -> tuple[int, int]:
    """Where the chunks of a blosc2 frame begin and end: the length of its header, which says the length of the chunks
    (README_CFRAME_FORMAT of c-blosc2)."""
    first = int.from_bytes(frame[_HEADER_LENGTH], "big")
    return first, first + int.from_bytes(frame[_CHUNKS_LENGTH], "big", signed=True)
