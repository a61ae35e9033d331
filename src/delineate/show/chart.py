"""`Chart`: a small drawing in SVG, so that every mark of it can be pointed at; ``chart.html.j2`` writes it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True)
class Axis:
    """From values between ``low`` and ``high`` to places between ``start`` and ``end`` (pixels of the drawing)."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; what lies outside is put on the edge."""
        low, high, at = (log10(v) for v in (self.low, self.high, max(value, 1e-300))) if self.log else (
            self.low, self.high, value,
        )  # fmt: skip
        share = (at - low) / (high - low) if high > low else 0.5
        return round(self.start + min(max(share, 0.0), 1.0) * (self.end - self.start), 1)


@dataclass(frozen=True)
class Mark:
    """A dot and what is said when it is pointed at."""

    x: float
    y: float
    colour: str
    told: str
    hollow: bool = False
    radius: float = 3.4


@dataclass(frozen=True)
class Line:
    """Points joined by a line."""

    points: tuple[tuple[float, float], ...]
    colour: str = "var(--soft)"
    dashed: bool = False
    width: float = 1.6


@dataclass(frozen=True)
class Bar:
    """A filled rectangle and what is said when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    told: str = ""
    opacity: float = 0.3


@dataclass(frozen=True)
class Word:
    """A short text: ``start``, ``middle`` or ``end`` of it is at the place."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    strong: bool = False


@dataclass(frozen=True)
class Chart:
    """Everything drawn, in pixels; ``alt`` says it in words. Bars lie under lines, lines under marks."""

    width: float
    height: float
    alt: str
    words: tuple[Word, ...] = ()
    grid: tuple[Line, ...] = ()
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    title: str = ""


def share_grid(axis: Axis, across: tuple[float, float], upright: bool = False) -> tuple[tuple[Line, ...], list[Word]]:
    """Grid lines and their words at 0, 0.2 ... 1. ``upright`` lines stand on a horizontal axis."""
    return value_grid(axis, across, [(v / 5, f"{v / 5:g}") for v in range(6)], upright)


def value_grid(
    axis: Axis, across: tuple[float, float], ticks: Sequence[tuple[float, str]], upright: bool = False
) -> tuple[tuple[Line, ...], list[Word]]:
    """A grid line with its word at each of the values; the words stand before the lines or below them."""
    lines, words = [], []
    first, last = across
    for value, text in ticks:
        at = axis(value)
        ends = ((at, first), (at, last)) if upright else ((first, at), (last, at))
        lines.append(Line(ends, "var(--line)", width=1))
        words.append(Word(at, last + 15, text) if upright else Word(first - 7, at + 4, text, "end"))
    return tuple(lines), words


def decades(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks of a logarithmic axis: the powers of ten from ``low`` to ``high``."""
    return [(10.0**k, f"{10.0**k:g}") for k in range(ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9) + 1)]
