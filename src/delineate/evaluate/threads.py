"""Many classes measured at once, in threads: numpy and the distance transform run outside Python's lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from delineate.core.threads import cpus, in_order

T = TypeVar("T")

_LARGE_VOXELS = 1 << 24
"""Classes in boxes above this are measured one at a time, so that memory is bounded by the largest alone."""


def measured(measure: Callable[[int], T], voxels: Sequence[int]) -> tuple[T, ...]:
    """``measure(k)`` for every class ``k``, in order, several at a time where their boxes (``voxels``) are small."""
    small = [k for k, size in enumerate(voxels) if size <= _LARGE_VOXELS]
    found = {k: measure(k) for k, size in enumerate(voxels) if size > _LARGE_VOXELS}
    found |= zip(small, in_order(measure, small, min(cpus(), len(small))), strict=True)
    return tuple(found[k] for k in range(len(voxels)))
