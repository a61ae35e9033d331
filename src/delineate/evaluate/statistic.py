"""`Statistic`: one metric over the cases, in the numbers a paper asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record
from delineate.evaluate.interval import mean_intervals


class Statistic(Record):
    """None where no case counts. ``std`` is the sample's (n - 1), None for one case.

    ``q1`` and ``q3`` bound the middle half (linear between cases, as numpy and R's type 7). ``low`` and ``high`` bound
    the mean at 95 % (bootstrap over cases, percentile; see `interval`), None for one case.
    """

    mean: float | None
    median: float | None
    std: float | None
    q1: float | None = None
    q3: float | None = None
    low: float | None = None
    high: float | None = None


PARTS = tuple(Statistic.model_fields)


def statistics(values_nm: NDArray[Any], seed: int = 0) -> tuple[Statistic, ...]:
    """A `Statistic` per column of ``[n cases, m metrics]``; all None where there is no case."""
    if not len(values_nm):
        return (Statistic(mean=None, median=None, std=None),) * values_nm.shape[1]
    q1, median, q3 = np.quantile(values_nm, (0.25, 0.5, 0.75), axis=0).tolist()
    means = values_nm.mean(axis=0).tolist()
    spreads = values_nm.std(axis=0, ddof=1).tolist() if len(values_nm) > 1 else [None] * len(means)
    bounds = [b or (None, None) for b in mean_intervals(values_nm, seed)]
    lines = zip(means, median, spreads, q1, q3, *zip(*bounds, strict=True), strict=True)
    return tuple(Statistic(**dict(zip(PARTS, line, strict=True))) for line in lines)
