"""How much memory there is, and how much this process and its workers use."""

from __future__ import annotations

import ctypes
import threading
from contextlib import suppress
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_GIB = 1024**3


def available_bytes() -> int:
    """Memory this process may still take: the machine's free memory or the rest of the tightest cgroup limit.

    Both cgroup versions are seen, so a container's, Slurm's or Colab's limit counts.
    """
    return min([int(psutil.virtual_memory().available), *_cgroup_rooms()])


def default_budget_bytes() -> int:
    """What a run may use when nobody said: 80 % of what is available."""
    return int(available_bytes() * 0.8)


def tree_bytes() -> int:
    """Memory of this process and all its descendants: PSS where the system tells it (shared pages counted once),
    else RSS."""
    try:
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_process_bytes, family))


def keep_freed_memory() -> bool:
    """Have the C library keep memory that was freed for the next use instead of giving it back to the system; whether
    it could be told so (glibc only).

    Every training step frees and asks for the same hundreds of megabytes. By default they go back to the system each
    time, and the kernel fills the pages with zeros anew: a fifth of a step on a CPU. The peak stays what it is.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        return bool(library.mallopt(_M_MMAP_THRESHOLD, _GIB) and library.mallopt(_M_TRIM_THRESHOLD, _GIB))
    return False


class MemoryWatch:
    """A thread that samples `tree_bytes` and keeps the peak; use it as a context manager.

    ``peak_bytes`` is readable at any time; sampling costs a few milliseconds of system time per period.
    """

    def __init__(self, period_s: float = 0.5) -> None:
        self.peak_bytes = tree_bytes()
        self._period_s = period_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory-watch", daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._stop.wait(self._period_s):
            self._sample()

    def _sample(self) -> None:
        self.peak_bytes = max(self.peak_bytes, tree_bytes())


def _process_bytes(process: psutil.Process) -> int:
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _cgroup_rooms() -> list[int]:
    """Bytes left under each cgroup limit that applies here (version 2 along the whole path, version 1 memory)."""
    rooms = []
    for folder in _cgroup_folders():
        for limit_name, used_name in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            with suppress(OSError, ValueError):
                limit = int((folder / limit_name).read_text())
                used = int((folder / used_name).read_text())
                rooms.append(max(limit - used + _reclaimable(folder), 0))
    return rooms


def _cgroup_folders() -> list[Path]:
    folders = [_CGROUP, _CGROUP / "memory"]
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            base = _CGROUP if not controllers else _CGROUP / "memory"
            if controllers and "memory" not in controllers:
                continue
            folder = base / path.lstrip("/")
            while folder != base and base in folder.parents:
                folders.append(folder)
                folder = folder.parent
    return folders


def _reclaimable(folder: Path) -> int:
    """File cache counts as used in a cgroup but is given back on demand."""
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text().splitlines():
            if line.startswith(("inactive_file ", "total_inactive_file ")):
                return int(line.split()[1])
    return 0
