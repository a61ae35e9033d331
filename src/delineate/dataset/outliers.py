"""Cases unlike the others: robust z-scores (Iglewicz & Hoaglin, "How to Detect and Handle Outliers", ASQC 1993)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from delineate.core.record import Record

THRESHOLD = 3.5
"""Their recommendation for the modified z-score."""

FEWEST = 5
"""Of fewer values none can be called unusual."""

_MAD_TO_SD = 0.6745
_MEAN_AD_TO_SD = 1.253314


class Quantity(Record):
    """One number of each case (None where it has none). Ratios count where ``log``: half is as unusual as double."""

    name: str
    unit: str
    values: tuple[float | None, ...]
    log: bool = False


class Outlier(Record):
    """A case whose ``value`` of a quantity is far from that of the others; ``z`` is signed."""

    case: str
    quantity: str
    value: float
    median: float
    unit: str
    z: float


def robust_z(values: ArrayLike) -> NDArray[np.float64]:
    """Modified z-scores: the distance from the median in median absolute deviations, 0.6745 of them to a unit.

    Where more than half of the values are one and the same, the mean absolute deviation serves instead, as the authors
    advise; zeros where all are the same.
    """
    array = np.asarray(values, np.float64)
    off = array - np.median(array) if array.size else array
    # rounding of a header must not count as a spread
    spread = float(np.median(np.abs(off))) if array.size else 0.0
    small = 1e-6 * max(1e-12, float(np.abs(array).max(initial=0.0)))
    if spread > small:
        return _MAD_TO_SD * off / spread
    mean = float(np.abs(off).mean()) if array.size else 0.0
    return off / (_MEAN_AD_TO_SD * mean) if mean > small else np.zeros_like(array)


def find_outliers(names: Sequence[str], quantities: Sequence[Quantity]) -> tuple[Outlier, ...]:
    """Every value whose robust z is beyond `THRESHOLD`, farthest first."""
    found = [o for quantity in quantities for o in _of(names, quantity)]
    return tuple(sorted(found, key=lambda o: (-abs(o.z), o.case, o.quantity)))


def _of(names: Sequence[str], quantity: Quantity) -> list[Outlier]:
    there = [(n, v) for n, v in zip(names, quantity.values, strict=True) if v is not None and np.isfinite(v)]
    if quantity.log:
        there = [(n, v) for n, v in there if v > 0]
    if len(there) < FEWEST:
        return []
    values = np.array([v for _, v in there])
    median = float(np.median(values))
    scores = robust_z(np.log(values) if quantity.log else values)
    return [
        Outlier(case=n, quantity=quantity.name, value=v, median=median, unit=quantity.unit, z=float(z))
        for (n, v), z in zip(there, scores, strict=True)
        if abs(z) > THRESHOLD
    ]
