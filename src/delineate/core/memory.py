"""How much memory there is, and how much this process and its workers use."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import psutil

from delineate.core.units import parse_memory, show_memory

_CGROUP = Path("/sys/fs/cgroup")
_OWN_CGROUPS = Path("/proc/self/cgroup")
_LIMITS = (
    ("memory.max", "memory.current"),
    ("memory.high", "memory.current"),  # beyond it a process is not killed but slowed to a crawl
    ("memory.limit_in_bytes", "memory.usage_in_bytes"),
)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_GIB = 1024**3
_WATCHING_SHARE = 0.04


@dataclass(frozen=True)
class MemoryUse:
    """What a verb was allowed to take, was expected to, and took at its peak, all its processes together."""

    budget_bytes: int
    expected_bytes: int
    peak_bytes: int

    def __str__(self) -> str:
        return (
            f"memory: {show_memory(self.peak_bytes)} at the peak, {show_memory(self.expected_bytes)} expected, "
            f"{show_memory(self.budget_bytes)} allowed"
        )


def available_bytes() -> int:
    """Memory this process may still take: the machine's free memory or the rest of the tightest cgroup limit.

    Both cgroup versions are seen, so a container's, Slurm's or Colab's limit counts.
    """
    return min([int(psutil.virtual_memory().available), *_cgroup_rooms()])


def default_budget_bytes() -> int:
    """What a run may use when nobody said: 80 % of what is available."""
    return int(available_bytes() * 0.8)


def budget_of(memory: str | None) -> int:
    """The bytes of a ``--memory``, or what a run may use when nobody said."""
    return default_budget_bytes() if memory is None else parse_memory(memory)


def fitting(sizes_bytes: Sequence[int], room_bytes: int) -> int:
    """How many jobs of ``sizes_bytes`` may run side by side within ``room_bytes``, whichever of them meet."""
    return sum(total <= room_bytes for total in accumulate(sorted(sizes_bytes, reverse=True)))


def tree_bytes() -> int:
    """Memory of this process and all its descendants: PSS where the system tells it (shared pages counted once),
    else RSS."""
    return sum(map(_process_bytes, _family(os.getpid())))


def keep_freed_memory() -> bool:
    """Have the C library keep memory that was freed for the next use instead of giving it back to the system; whether
    it could be told so (glibc only).

    Every training step frees and asks for the same hundreds of megabytes. By default they go back to the system each
    time, and the kernel fills the pages with zeros anew: a fifth of a step on a CPU. `release_freed_memory` gives it
    back where the work changes.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        return bool(library.mallopt(_M_MMAP_THRESHOLD, _GIB) and library.mallopt(_M_TRIM_THRESHOLD, _GIB))
    return False


def release_freed_memory() -> None:
    """Give freed memory back to the system (glibc only): between phases that want memory in pieces of other sizes, so
    that the peak is that of the largest phase and not of all together."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


class MemoryWatch:
    """A thread that samples `tree_bytes` and keeps the peak; use it as a context manager.

    ``peak_bytes`` is readable at any time. The kernel walks all pages of a process for each sample, so the pauses grow
    with what a sample takes: never more than 4 % of a core.
    """

    def __init__(self, period_s: float = 0.1) -> None:
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
        pause_s = self._period_s
        while not self._stop.wait(pause_s):
            started = time.thread_time()
            self._sample()
            pause_s = max(self._period_s, (time.thread_time() - started) / _WATCHING_SHARE)

    def _sample(self) -> None:
        self.peak_bytes = max(self.peak_bytes, tree_bytes())


def _family(pid: int) -> list[int]:
    """A process and all its descendants. Linux tells the children of each thread; elsewhere all processes are looked
    through, which takes longer."""
    try:
        lists = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
        return [pid, *(p for text in lists for child in text.split() for p in _family(int(child)))]
    except OSError:
        with suppress(psutil.Error):
            return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return []


def _process_bytes(pid: int) -> int:
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def _cgroup_rooms() -> list[int]:
    """Bytes left under each cgroup limit that applies here (version 2 along the whole path, version 1 memory)."""
    rooms = []
    for folder in _cgroup_folders():
        for limit_name, used_name in _LIMITS:
            with suppress(OSError, ValueError):  # not there, or "max"
                limit = int((folder / limit_name).read_text())
                used = int((folder / used_name).read_text())
                rooms.append(max(limit - used + _reclaimable(folder), 0))
    return rooms


def _cgroup_folders() -> list[Path]:
    """This process's own groups and all above them. Within a container the path may be the host's: then only the
    mounted root, which is the container's own group, is there."""
    folders = [_CGROUP, _CGROUP / "memory"]
    with suppress(OSError):
        for line in _OWN_CGROUPS.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            base = _CGROUP / "memory" if controllers else _CGROUP
            folder = base / path.lstrip("/")
            while folder != base and base in folder.parents:
                folders.append(folder)
                folder = folder.parent
    return folders


def _reclaimable(folder: Path) -> int:
    """File cache counts as used in a cgroup but is given back on demand: the inactive part at once, of the active
    half is taken to be. Version 1 tells the groups below it only in its totals."""
    with suppress(OSError, ValueError):
        lines = (folder / "memory.stat").read_text().splitlines()
        told = {name: int(value) for name, value in (line.split() for line in lines)}
        inactive, active = (told.get(f"total_{n}", told.get(n, 0)) for n in ("inactive_file", "active_file"))
        return inactive + active // 2
    return 0
