"""Reliability diagrams: how often a class is there against how sure the network was of it."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10

from delineate.evaluate.calibration import Reliability
from delineate.evaluate.certainties import Certainties
from delineate.show.chart import Axis, Chart, Line, Mark, Word, share_grid

MOST_CLASSES = 8
"""Classes that are drawn, those with the largest error (`ace`) first; the table holds all."""
_FEWEST = 10
"""A bin of fewer voxels is left out of the line: its share means nothing."""
_SIDE = 320.0


def draw_reliability(certainties: Certainties, colours: Mapping[str, str]) -> tuple[Chart, ...]:
    """A diagram (Niculescu-Mizil & Caruana, ICML 2005) for each class, those that are off the most first."""
    there = [r for r in certainties.classes if any(b.count >= _FEWEST for b in r.bins[1:])]
    ranked = sorted(there, key=lambda r: -r.ace)[:MOST_CLASSES]
    return tuple(_draw(r, colours.get(r.class_name, "var(--accent)")) for r in ranked)


def verdict(reliability: Reliability) -> str:
    """Whether the network is too sure, not sure enough or about right, over bins above one half."""
    upper = [b for b in reliability.bins if b.low >= 0.5 and b.count >= _FEWEST]
    total = sum(b.count for b in upper)
    if not total:
        return "never sure"
    gap = sum(((b.accuracy or 0.0) - (b.confidence or 0.0)) * b.count for b in upper) / total
    if abs(gap) < 0.02:
        return "about right"
    return f"too sure, by {-100 * gap:.0f} points" if gap < 0 else f"not sure enough, by {100 * gap:.0f} points"


def _draw(reliability: Reliability, colour: str) -> Chart:
    x, y = Axis(0, 1, 40, _SIDE - 14), Axis(0, 1, _SIDE - 66, 12)
    grid, words = share_grid(y, (34, _SIDE - 8))
    upright, below = share_grid(x, (12, _SIDE - 60), upright=True)
    words += [*below, Word(_SIDE - 14, _SIDE - 24, "probability given (across), share that is the class (up)", "end")]
    bins = [b for b in reliability.bins if b.count >= _FEWEST]
    places = [(x(b.confidence or 0.0), y(b.accuracy or 0.0)) for b in bins]
    most = log10(max((b.count for b in bins), default=10) + 1)
    marks = tuple(
        Mark(
            *place, colour,
            f"{b.low:.2f} to {b.high:.2f}: given {b.confidence:.3f}, is {b.accuracy:.3f}, {b.count:,} voxels",
            radius=round(2.5 + 4 * log10(b.count + 1) / most, 1),
        )
        for b, place in zip(bins, places, strict=True)
    )  # fmt: skip
    lines = (
        Line(((x(0), y(0)), (x(1), y(1))), "var(--soft)", dashed=True, width=1.3),
        Line(tuple(places), colour),
    )
    alt = f"{reliability.class_name}: {verdict(reliability)}; expected calibration error {reliability.ece:.4f}"
    title = f"{reliability.class_name}: {verdict(reliability)}"
    return Chart(_SIDE, _SIDE - 16, alt, tuple(words), grid + upright, (), lines, marks, title)
