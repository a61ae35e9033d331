"""`Strip`: the values of all cases on one line, near ones gathered into one dot, so that it stays small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_PLACES = 61
"""Dots of a strip at most; odd, so that there is one in the middle."""

_SMALLEST_PX, _LARGEST_PX = 6.0, 16.0


@dataclass(frozen=True)
class Dot:
    """Cases of about one value: its place (0 to 1), the width in pixels, and what is said when it is pointed at."""

    place: float
    width_px: float
    told: str


@dataclass(frozen=True)
class Strip:
    """Dots between the smallest and the largest value, and the place of the median."""

    dots: tuple[Dot, ...]
    median_place: float
    smallest: str
    median: str
    largest: str
    count: int


def draw_strip(values: Sequence[float | None], unit: str = "", log: bool = False) -> Strip | None:
    """The strip of the values that there are; None without any. The area of a dot grows with its cases."""
    there = np.array([v for v in values if v is not None and math.isfinite(v) and (v > 0 or not log)], np.float64)
    if not there.size:
        return None
    low, high, middle = float(there.min()), float(there.max()), float(np.median(there))
    bins = np.round(_places(there, low, high, log) * (_PLACES - 1)).astype(int)
    dots = [_dot(there[bins == b], b / (_PLACES - 1), there.size, unit) for b in np.unique(bins)]
    place = float(_places(np.array([middle]), low, high, log)[0])
    return Strip(tuple(dots), place, show_value(low), show_value(middle), show_value(high), int(there.size))


def show_value(value: float) -> str:
    """Three digits, whole numbers whole: ``0.0123``, ``1.5``, ``240``, ``12,300``."""
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}" if abs(value) < 1e7 else f"{value:.2e}"
    return f"{value:.3g}"


def _places(values: np.ndarray, low: float, high: float, log: bool) -> np.ndarray:
    if log:
        values, low, high = np.log(values), math.log(low), math.log(high)
    return (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)


def _dot(values: np.ndarray, place: float, count: int, unit: str) -> Dot:
    width = _SMALLEST_PX + (_LARGEST_PX - _SMALLEST_PX) * math.sqrt((values.size - 1) / max(1, count - 1))
    ends = [show_value(float(v)) for v in (values.min(), values.max())]
    told = ends[0] if ends[0] == ends[1] else " to ".join(ends)
    cases = "1 case" if values.size == 1 else f"{values.size:,} cases"
    return Dot(place, width, f"{cases}: {told} {unit}".rstrip())
