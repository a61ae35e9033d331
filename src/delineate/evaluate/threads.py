"""Many classes measured at once, in threads: numpy and the distance transform run outside Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_LARGE_VOXELS = 1 << 24
"""Classes in boxes above this are measured one at a time, so that memory is bounded by the largest alone."""


def cpus() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measured(measure: Callable[[int], T], voxels: Sequence[int]) -> tuple[T, ...]:
    """``measure(k)`` for every class ``k``, in order, several at a time where their boxes (``voxels``) are small."""
    small = [k for k, size in enumerate(voxels) if size <= _LARGE_VOXELS]
    found = {k: measure(k) for k, size in enumerate(voxels) if size > _LARGE_VOXELS}
    if min(cpus(), len(small)) > 1:
        with ThreadPoolExecutor(min(cpus(), len(small))) as pool:
            found |= zip(small, pool.map(measure, small), strict=True)
    else:
        found |= {k: measure(k) for k in small}
    return tuple(found[k] for k in range(len(voxels)))
