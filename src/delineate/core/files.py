"""Files written whole or not at all, and the hash of what a file holds."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from delineate.core.errors import DiskFullError

UNFINISHED = ".writing-"
"""What the names of files begin with that are being written."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it is flushed and renamed to ``path``.

    The temporary name keeps every suffix of ``path``, since writers choose the format by it.
    On an error the temporary file is removed and whatever was at ``path`` stays as it was.

    Raises:
        DiskFullError: the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f"{UNFINISHED}{secrets.token_hex(4)}-{path.name}")
    try:  # around its creation too: Ctrl-C and SIGTERM come at any moment
        with disk_full_told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.touch(exist_ok=False)
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def disk_full_told(path: Path) -> Iterator[None]:
    """Turn "no space left on device" into an error that says where and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFullError(
            f"no space left on the disk while writing {path}",
            "enough free space: prepared data take about as much as the scans, a checkpoint four times the weights",
            "free some space or put the run on another disk with -o; what was finished is kept and reused",
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def hash_file(path: Path) -> str:
    """The content of a file as 32 hexadecimal digits (BLAKE2b)."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def hash_text(*parts: str) -> str:
    """Several texts as 32 hexadecimal digits (BLAKE2b); the boundaries between them count."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
