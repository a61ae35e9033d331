"""One process at a time prepares into a folder; the others wait and find the work done."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from delineate.core.files import disk_full_told

_LOCK, _OWNER = ".lock", ".owner"
_POLL_S = 0.2


@contextmanager
def only_here(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, waiting for whoever has it, which is told once as a warning of the log.

    The system releases the lock of a process that ends, however it ends: there are no stale ones. Not for a thread
    that holds it already.
    """
    from filelock import FileLock, Timeout

    with disk_full_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logging.getLogger(__name__).warning("waiting for %s, which prepares data in %s", _owner(folder), folder)
        lock.acquire(poll_interval=_POLL_S)
    try:
        with suppress(OSError):
            (folder / _OWNER).write_text(f"process {os.getpid()} on {platform.node()}", encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            (folder / _OWNER).unlink()
        lock.release()


def _owner(folder: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return (folder / _OWNER).read_text(encoding="utf-8") or "another process"
    return "another process"
