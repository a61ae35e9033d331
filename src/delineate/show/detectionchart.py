"""The size of lesions against whether they were found: a bar for each size, a dot for each lesion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from delineate.evaluate.findings import ClassLesions, Findings
from delineate.show.chart import Axis, Bar, Chart, Mark, Word, decades, share_grid, value_grid

MOST_CLASSES = 8
"""Classes that are drawn, those that miss the most first; the table holds all."""
MOST_DOTS = 600
"""Dots of a drawing; of more lesions every nth in order of size is drawn. Bars count all."""
_WIDTH = 420.0
_TOP, _BOTTOM = 26.0, 164.0


@dataclass(frozen=True)
class SizeBin:
    """Lesions between two volumes in ml (the upper not included): how many there are and how many were found."""

    low: float
    high: float
    lesions: int
    found: int

    @property
    def rate(self) -> float:
        """The share found; 0 where there are none."""
        return self.found / self.lesions if self.lesions else 0.0


@dataclass(frozen=True)
class DetectionRow:
    """A class in the table; sizes and ``rate`` are None where the truth has no lesion of it."""

    class_name: str
    lesions: int
    found: int
    false: int
    smallest_ml: float | None
    largest_missed_ml: float | None

    @property
    def rate(self) -> float | None:
        """The share found."""
        return self.found / self.lesions if self.lesions else None


def detection_rows(findings: Findings) -> tuple[DetectionRow, ...]:
    """A row for each class that has lesions, true or false ones."""
    return tuple(_row(c) for c in findings.lesions if c.volumes_ml or c.false)


def size_bins(lesions: ClassLesions) -> tuple[SizeBin, ...]:
    """Bins from the smallest to the largest lesion: three to a decade (1, 2, 5), or whole decades where those would be
    more than twelve."""
    low, high = min(lesions.volumes_ml), max(lesions.volumes_ml)
    powers = range(floor(log10(low)), ceil(log10(high)) + 2)
    fine = [float(f"{m}e{k}") for k in powers for m in (1, 2, 5)]
    edges = _around(fine, low, high)
    edges = edges if len(edges) <= 13 else _around([float(f"1e{k}") for k in powers], low, high)
    pairs = list(zip(lesions.volumes_ml, lesions.found, strict=True))
    bins = []
    for first, last in pairwise(edges):
        inside = [found for volume, found in pairs if first <= volume < last]
        bins.append(SizeBin(first, last, len(inside), sum(inside)))
    return tuple(bins)


def draw_detection(findings: Findings, colours: Mapping[str, str]) -> tuple[Chart, ...]:
    """A drawing for each class with lesions, those that miss the most first."""
    there = [c for c in findings.lesions if c.volumes_ml]
    ranked = sorted(there, key=lambda c: sum(c.found) - len(c.found))
    return tuple(_draw(c, colours.get(c.class_name, "var(--accent)")) for c in ranked[:MOST_CLASSES])


def _draw(lesions: ClassLesions, colour: str) -> Chart:
    bins = size_bins(lesions)
    x = Axis(bins[0].low, bins[-1].high, 40, _WIDTH - 14, log=True)
    y = Axis(0, 1, _BOTTOM, _TOP)
    grid, words = share_grid(y, (34, _WIDTH))
    ticks = [t for t in decades(x.low, x.high) if x.low <= t[0] <= x.high]
    ticks = ticks if len(ticks) > 1 else [(e, f"{e:g}") for e in (x.low, x.high)]
    upright, values = value_grid(x, (_TOP, _BOTTOM + 16), ticks, upright=True)
    words += [*values, Word(_WIDTH - 14, _BOTTOM + 46, "volume (ml)", "end")]
    bars = [
        Bar(left + 1, top, round(right - left - 2, 1), round(_BOTTOM - top, 1), colour, _told(b))
        for b, left, right, top in ((b, x(b.low), x(b.high), y(b.rate)) for b in bins if b.lesions)
    ]
    words += [
        Word((x(b.low) + x(b.high)) / 2, min(y(b.rate) + 14, _BOTTOM - 5), str(b.lesions)) for b in bins if b.lesions
    ]
    title = f"{lesions.class_name}: {sum(lesions.found)} of {len(lesions.found)} found"
    alt = f"{title}. By volume: " + "; ".join(_told(b) for b in bins if b.lesions)
    return Chart(
        _WIDTH, _BOTTOM + 52, alt, tuple(words), grid + upright, tuple(bars), (), _dots(lesions, x, colour), title
    )


def _dots(lesions: ClassLesions, x: Axis, colour: str) -> tuple[Mark, ...]:
    ranked = sorted(zip(lesions.volumes_ml, lesions.found, lesions.cases, strict=True))
    shown = ranked[:: max(1, ceil(len(ranked) / MOST_DOTS))]
    return tuple(
        Mark(
            x(volume), (_TOP - 8 if found else _BOTTOM + 8) + (i % 3 - 1) * 3, colour,
            f"{case}: {volume:.3g} ml, {'found' if found else 'missed'}", not found, 3.0,
        )
        for i, (volume, found, case) in enumerate(shown)
    )  # fmt: skip


def _row(c: ClassLesions) -> DetectionRow:
    missed = [v for v, f in zip(c.volumes_ml, c.found, strict=True) if not f]
    smallest, largest = min(c.volumes_ml, default=None), max(missed, default=None)
    return DetectionRow(c.class_name, len(c.found), sum(c.found), c.false, smallest, largest)


def _told(b: SizeBin) -> str:
    return f"{b.low:g} to {b.high:g} ml: {b.found} of {b.lesions} found"


def _around(edges: list[float], low: float, high: float) -> list[float]:
    """The edges from the last at or below ``low`` to the first above ``high``."""
    first = max(i for i, e in enumerate(edges) if e <= low)
    last = min(i for i, e in enumerate(edges) if e > high)
    return edges[first : last + 1]
