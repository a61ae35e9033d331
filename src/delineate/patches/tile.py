"""`tile`: where windows are placed so that every voxel of a volume is seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import ceil

from delineate.core.errors import UsageError


def tile(shape: Sequence[int], patch: Sequence[int], overlap: float = 0.5) -> list[tuple[int, ...]]:
    """Starts of windows of ``patch`` voxels that cover ``shape``, in array order, evenly spread.

    Neighbours share at least ``overlap`` of a window. Along an axis shorter than the window the only start is 0, and
    the caller pads at the end.

    Raises:
        UsageError: the overlap is not in 0 to below 1, or the axes differ in number.
    """
    if not 0 <= overlap < 1 or len(shape) != len(patch) or min(*shape, *patch) < 1:
        raise UsageError(
            f"windows of {tuple(patch)} with overlap {overlap} over {tuple(shape)}",
            "an overlap from 0 to below 1 and one window size per axis",
            "correct predict.overlap",
        )
    return list(product(*(_starts(n, p, overlap) for n, p in zip(shape, patch, strict=True))))


def _starts(size: int, window: int, overlap: float) -> list[int]:
    if size <= window:
        return [0]
    stride = max(1, int(window * (1 - overlap)))
    steps = ceil((size - window) / stride)
    return [round(i * (size - window) / steps) for i in range(steps + 1)]
