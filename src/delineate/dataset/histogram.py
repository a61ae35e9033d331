"""`IntensityHistogram`: how bright a channel is inside and outside the foreground, over all cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record

BINS = 72
"""Bins of a histogram: enough to see two peaks, few enough to be drawn small."""

_ENDS = (0.5, 99.5)
_WIDE = 200.0
"""Where positive intensities spread over more than this factor of their median, bins are even in the logarithm."""


class IntensityHistogram(Record):
    """Shares (summing to 1) of the sampled voxels in each bin, of those that are shown: between the 0.5th and the
    99.5th percentile of all. ``edges`` has one more entry; both shares are empty where nothing was sampled."""

    name: str
    edges: tuple[float, ...] = ()
    inside: tuple[float, ...] = ()
    outside: tuple[float, ...] = ()
    log: bool = False


def take_histogram(name: str, inside: NDArray[np.float32], outside: NDArray[np.float32]) -> IntensityHistogram:
    """The histogram of a channel from samples ``[n]`` inside and outside the foreground."""
    within, around = (a[np.isfinite(a)].astype(np.float64) for a in (inside, outside))
    parts = [a for a in (within, around) if a.size]
    if not parts:
        return IntensityHistogram(name=name)
    # each is to be seen whole, however many voxels the other has
    low = float(min(np.percentile(a, _ENDS[0]) for a in parts))
    high = float(max(np.percentile(a, _ENDS[1]) for a in parts))
    middle = float(np.median(np.concatenate(parts)))
    log = low > 0 and high > _WIDE * middle
    if high <= low:
        low, high = low - 0.5, low + 0.5
    edges = np.geomspace(low, high, BINS + 1) if log else np.linspace(low, high, BINS + 1)
    return IntensityHistogram(
        name=name,
        edges=tuple(float(e) for e in edges),
        inside=_shares(within, edges),
        outside=_shares(around, edges),
        log=log,
    )


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[float, ...]:
    counts = np.histogram(values, edges)[0]
    return tuple(float(n) for n in counts / counts.sum()) if counts.sum() else ()
