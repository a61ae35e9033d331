"""The page of a data set: what `delineate check --html` writes; no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from delineate.core.files import write_text
from delineate.core.labels import Labels
from delineate.core.listing import listed
from delineate.dataset.case import Dataset
from delineate.dataset.check import SEVERITIES, CheckResult, Problem
from delineate.dataset.histogram import IntensityHistogram
from delineate.dataset.profile import Profile
from delineate.show.facts import CasePicture
from delineate.show.figures import Picture
from delineate.show.grid import draw_grid
from delineate.show.overlay import draw_case
from delineate.show.page import render_page
from delineate.show.palette import class_colours
from delineate.show.report import CaseView, Tile
from delineate.show.strip import Strip, draw_strip, show_value

MOST_ROWS = 200
"""Rows of any table: the page of 10,000 cases must still open on a phone. What is left out is counted."""

_MOST_IN_TABLE = 8
"""Classes whose co-occurrence is told in numbers; that of more is drawn."""

_NO_LABELS = Labels.exclusive({1: "marked"})


@dataclass(frozen=True, eq=False)
class DataFacts:
    """What the page is drawn from. ``examples`` are pictures of a few cases, their ids in ``truth_zyx``."""

    title: str
    data: Dataset
    result: CheckResult
    profile: Profile
    examples: Sequence[CasePicture] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class StripRow:
    """A quantity with its strip; ``note`` stands beside the name."""

    name: str
    strip: Strip
    note: str = ""


@dataclass(frozen=True)
class Curve:
    """A histogram as the path of a 100 by 40 drawing, y downwards."""

    name: str
    low: str
    middle: str
    high: str
    inside: str
    outside: str
    log: bool


@dataclass(frozen=True)
class ClassRow:
    """A class: how many of the cases with a mask hold it, its sizes and its connected parts."""

    name: str
    present: int
    of: int
    share: float
    sizes: Strip | None
    parts: Strip | None


@dataclass(frozen=True)
class Counted:
    """The first rows of a table, and how many there are of each kind."""

    rows: Sequence[Any]
    left_out: int = 0


def write_datareport(facts: DataFacts, path: Path) -> Path:
    """Draw the page and write it, atomically; returns ``path``."""
    write_text(path, render_data(facts))
    return path


def render_data(facts: DataFacts) -> str:
    """The page as text."""
    return render_page("datareport.html.j2", _view(facts))


def _view(facts: DataFacts) -> dict[str, Any]:
    profile, labels = facts.profile, facts.result.labels or _NO_LABELS
    matrix = profile.together
    return {
        "facts": facts,
        "profile": profile,
        "colours": dict(zip(labels.names, class_colours(len(labels.names)), strict=True)),
        "known": facts.result.labels is not None,
        "tiles": _tiles(facts),
        "severities": Counter(p.severity for p in facts.result.problems),
        "problems": _first(_sorted(facts.result.problems)),
        "cases": [_case_view(c, labels) for c in facts.examples],
        "grids": _grid_rows(profile),
        "medians": _median_rows(profile, facts.data.channels),
        "curves": [_curve(h) for h in profile.histograms if h.edges],
        "classes": _first(_class_rows(profile)),
        "together": matrix if 2 <= len(matrix) <= _MOST_IN_TABLE else None,
        "together_picture": _together_picture(profile) if len(matrix) > _MOST_IN_TABLE else None,
        "outliers": _first(profile.outliers),
        "odd_cases": len({o.case for o in profile.outliers}),
        "census": _first(facts.result.census),
        "voxels": sum(c.voxels for c in facts.result.census),
        **_groups(facts.data),
    }


def _first(rows: Sequence[Any]) -> Counted:
    return Counted(rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _sorted(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (SEVERITIES.index(p.severity), p.check))


def _tiles(facts: DataFacts) -> list[Tile]:
    data, result, classes = facts.data, facts.result, facts.profile.class_names
    errors = len(result.of("error"))
    warnings = len(result.of("warning"))
    grids = [c for c in facts.profile.cases if c.shape is not None]
    groups = {c.group or c.name for c in data.cases}
    tiles = [
        Tile("cases", f"{len(data.cases):,}", f"{len(data.labelled):,} with a mask, layout {data.layout}"),
        Tile("patients", f"{len(groups):,}", "never split between training and validation"),
        Tile("channels", str(len(data.channels)), ", ".join(data.channels)),
        Tile("classes", str(len(classes)) if result.labels else "?", listed(classes, 4)),
    ]
    if grids:
        shape = [sorted(c.shape[a] for c in grids if c.shape)[len(grids) // 2] for a in range(3)]
        tiles.append(Tile("median grid", " × ".join(str(n) for n in shape), "voxels (z × y × x)"))
    state = "ready to train" if result.ok else "mend the errors first"
    tiles.append(Tile("problems", str(errors + warnings), f"{errors} errors, {warnings} warnings: {state}"))
    return tiles


def _case_view(case: CasePicture, labels: Labels) -> CaseView:
    pictures = tuple(replace(p, alt=f"{case.case}, {p.caption}: scan and mask") for p in draw_case(case, labels))
    return CaseView(case.case, case.title, case.note, pictures)


def _grid_rows(profile: Profile) -> list[StripRow]:
    rows = []
    for name, unit in (("shape", "pixels" if profile.flat else "voxels"), ("spacing", "mm")):
        for axis, letter in enumerate("zyx"):
            if profile.flat and (letter == "z" or name == "spacing"):
                continue
            found = [getattr(c, "shape" if name == "shape" else "spacing_mm") for c in profile.cases]
            strip = draw_strip([None if t is None else float(t[axis]) for t in found], unit)
            if strip is not None:
                rows.append(StripRow(f"{name} {letter}", strip, unit))
    return rows


def _median_rows(profile: Profile, channels: Sequence[str]) -> list[StripRow]:
    rows = []
    for n, name in enumerate(channels):
        values = [c.medians[n] if n < len(c.medians) else None for c in profile.cases]
        there = [v for v in values if v is not None]
        log = bool(there) and min(there) > 0 and max(there) > 50 * min(there)
        strip = draw_strip(values, log=log)
        if strip is not None:
            rows.append(StripRow(name, strip, "log scale" if log else ""))
    return rows


def _curve(histogram: IntensityHistogram) -> Curve:
    edges = histogram.edges
    return Curve(
        histogram.name, show_value(edges[0]), show_value(edges[len(edges) // 2]), show_value(edges[-1]),
        _path(histogram.inside), _path(histogram.outside), histogram.log,
    )  # fmt: skip


def _path(shares: Sequence[float]) -> str:
    """Steps on a base line, scaled to their own peak; empty where nothing was sampled.

    A few bins far above all others (padding, saturation) are cut off, so that the rest can be seen.
    """
    if not shares:
        return ""
    highest = sorted(shares, reverse=True)
    wide, peak = 100 / len(shares), min(highest[0], 2 * highest[min(4, len(shares) - 1)] or highest[0])
    steps = "".join(f"L{i * wide:.2f} {y:.2f}L{(i + 1) * wide:.2f} {y:.2f}" for i, y in _heights(shares, peak))
    return f"M0 40{steps}L100 40Z"


def _heights(shares: Sequence[float], peak: float) -> list[tuple[int, float]]:
    return [(i, 40 - 38 * min(1.0, share / peak)) for i, share in enumerate(shares)]


def _class_rows(profile: Profile) -> list[ClassRow]:
    masks = sum(bool(c.class_voxels) for c in profile.cases)
    totals = [sum(c.class_voxels[n] for c in profile.cases if c.class_voxels) for n in range(len(profile.class_names))]
    rows = []
    for n, name in enumerate(profile.class_names):
        sizes, parts = profile.sizes(n), profile.parts(n)
        many = [p for p in parts if p is not None]
        rows.append(ClassRow(
            name, sum(s is not None for s in sizes), masks, totals[n] / max(1, sum(totals)),
            draw_strip(sizes, profile.size_unit, log=True),
            draw_strip(parts, "parts", log=bool(many) and max(many) > 20),
        ))  # fmt: skip
    return rows


def _together_picture(profile: Profile) -> Picture:
    names = profile.class_names
    counts = [[n / max(1, row[i]) for n in row] for i, row in enumerate(profile.together)]
    return draw_grid(counts, f"co-occurrence of {len(names)} classes")


def _groups(data: Dataset) -> dict[str, Any]:
    counts = Counter(c.group or c.name for c in data.cases)
    names: dict[str, list[str]] = {}
    for case in data.cases:
        names.setdefault(case.group or case.name, []).append(case.name)
    largest = [(g, n, listed(names[g], 6)) for g, n in counts.most_common() if n > 1]
    return {"groups": _first(largest), "group_strip": draw_strip(list(counts.values()), "cases"), "patients": counts}
