"""`Interval`: how far a mean over cases could lie from what was seen, by resampling the cases (bootstrap).

Efron & Tibshirani, An Introduction to the Bootstrap, 1993. Two ways to read the resampled means:

- percentile: their quantiles. No resampled mean rises when a score falls, so neither bound does: an interval never
  looks better for a prediction that was emptied. Used wherever a model is summarised.
- bca (Efron 1987): the quantiles moved for bias and skewness; closer to the promised coverage for few and skewed
  numbers. Used for differences between two models.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Way = Literal["percentile", "bca"]

RESAMPLES = 2000
LEVEL = 0.95

_BLOCK = 1 << 22


class Interval(NamedTuple):
    """The lower and the upper bound."""

    low: float
    high: float


def mean_intervals(
    values_nm: NDArray[Any], seed: int = 0, level: float = LEVEL, way: Way = "percentile", resamples: int = RESAMPLES
) -> tuple[Interval | None, ...]:
    """The interval of the mean of each column of ``[n cases, m]``; None where there are fewer than two cases.

    The cases drawn depend on ``seed`` and on ``n`` alone, so equal tables have equal intervals.
    """
    values = np.asarray(values_nm, np.float64)
    if len(values) < 2:
        return (None,) * values.shape[1]
    means = np.concatenate([weights @ values for weights in case_weights(len(values), seed, resamples)])
    return _bounds(means, level, values if way == "bca" else None)


def mean_of_means_intervals(
    values_cnm: NDArray[Any], counted_cn: NDArray[np.bool_], seed: int = 0, level: float = LEVEL
) -> tuple[Interval | None, ...]:
    """The percentile interval of the mean over classes of the class means, per metric; cases are drawn whole, with all
    their classes. ``values_cnm`` is ``[classes, n cases, m]``; what is not ``counted_cn`` is in no mean, and a class
    without a counted case in a resample not in that resample's. None where fewer than two cases count: of one class the
    interval is that of `mean_intervals` over the cases that count."""
    there = counted_cn.any(axis=0)  # a case without any class is in no mean, and no draw either
    values_cnm, counted_cn = values_cnm[:, there], counted_cn[:, there]
    classes, n, m = values_cnm.shape
    if n < 2:
        return (None,) * m
    values, counted = np.where(counted_cn[..., None], values_cnm, 0.0), counted_cn.astype(np.float64)
    means = []
    for weights in case_weights(n, seed):
        total, drawn = np.zeros((len(weights), m)), np.zeros((len(weights), 1))
        for c in range(classes):
            weight = (weights @ counted[c])[:, None]
            total += np.divide(weights @ values[c], weight, out=np.zeros_like(total), where=weight > 0)
            drawn += weight > 0
        means.append(total / drawn)
    return _bounds(np.concatenate(means), level)


def case_weights(n: int, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[NDArray[np.float64]]:
    """How much each case weighs in each resample, ``[resamples, n]`` in blocks; every line sums to one."""
    rng = np.random.default_rng(seed)
    most = max(1, _BLOCK // n)
    for start in range(0, resamples, most):
        lines = min(most, resamples - start)
        drawn = rng.integers(0, n, (lines, n)) + n * np.arange(lines)[:, None]
        yield np.bincount(drawn.reshape(-1), minlength=lines * n).reshape(lines, n) / n


def _bounds(means_bm: NDArray[Any], level: float, bca_nm: NDArray[Any] | None = None) -> tuple[Interval, ...]:
    """The interval of each column of resampled means; BCa where the values they are means of are given.

    As `numpy.quantile` (linear between resamples), which has one set of shares for all columns.
    """
    ordered = np.sort(means_bm.T, axis=1)
    columns, last = len(ordered), ordered.shape[1] - 1
    tail = (1 - level) / 2
    shares = np.tile([tail, 1 - tail], (columns, 1))
    if bca_nm is not None:
        shares = _corrected(np.ascontiguousarray(bca_nm.T), ordered, shares)
    places = shares * last
    before = np.floor(places).astype(np.intp)
    low, high = (np.take_along_axis(ordered, i, axis=1) for i in (before, np.minimum(before + 1, last)))
    part = places - before
    found = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))
    return tuple(Interval(*pair) for pair in found.tolist())


def _corrected(values_mn: NDArray[Any], means_mb: NDArray[Any], shares_m2: NDArray[Any]) -> NDArray[Any]:
    """The shares at which BCa reads the resampled means; unchanged where all values are alike: every quantile is their
    mean."""
    from scipy.special import ndtr, ndtri

    middles = values_mn.mean(axis=1, keepdims=True)
    apart = values_mn - middles
    spread = (apart**2).sum(axis=1)
    alike = spread <= 1e-24 * np.maximum(1.0, (values_mn**2).sum(axis=1))
    above = np.round(means_mb - middles, 12)  # equal but for the order of a sum, which processors choose
    below = ((above < 0).mean(axis=1) + (above <= 0).mean(axis=1)) / 2
    edge = 0.5 / means_mb.shape[1]
    bias = ndtri(np.clip(below, edge, 1 - edge))[:, None]
    skew = (apart**3).sum(axis=1) / (6 * np.where(alike, 1.0, spread) ** 1.5)  # the jackknife's, in closed form
    moved = bias + ndtri(shares_m2)
    corrected = ndtr(bias + moved / (1 - skew[:, None] * moved))
    return np.where(alike[:, None], shares_m2, corrected)
