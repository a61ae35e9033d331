"""The data set in a few lines and tables, from its fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delineate.dataset.fingerprint import CaseFingerprint, ChannelFingerprint, Fingerprint


@dataclass(frozen=True)
class RangeRow:
    """A quantity per axis (z, y, x) as ``smallest / median / largest`` over the cases."""

    name: str
    smallest: str
    median: str
    largest: str


@dataclass(frozen=True)
class ClassSizeRow:
    """A class: in how many cases it is present, its median size there, its share of all labelled voxels (0 to 1)."""

    name: str
    present: int
    cases: int
    median_size: str
    share: float


@dataclass(frozen=True)
class Census:
    """What the data section shows."""

    cases: int
    flat: bool
    channels: tuple[ChannelFingerprint, ...]
    ranges: tuple[RangeRow, ...]
    classes: tuple[ClassSizeRow, ...]


def take_census(finger: Fingerprint) -> Census:
    """Ranges of shape and spacing over the cases, and the size of each class in ml (pixels for pictures)."""
    cases = finger.cases
    flat = all(c.shape[0] == 1 for c in cases)
    ranges = []
    if cases:
        ranges = [
            _range("Size (voxels)", [c.shape for c in cases], "{:.0f}"),
            _range("Size without empty border", [c.crop_shape for c in cases], "{:.0f}"),
        ]
        if not flat:
            ranges.append(_range("Spacing (mm)", [c.spacing_mm for c in cases], "{:.3g}"))
    total = sum(sum(c.class_voxels) for c in cases)
    sizes = tuple(_class_size(n, k, cases, flat, total) for k, n in enumerate(finger.class_names))
    return Census(len(cases), flat, finger.channels, tuple(ranges), sizes)


def _range(name: str, rows: Sequence[Sequence[float]], form: str) -> RangeRow:
    table = np.asarray(rows, np.float64)
    spread = (table.min(axis=0), np.median(table, axis=0), table.max(axis=0))
    return RangeRow(name, *(" × ".join(form.format(v) for v in values) for values in spread))


def _class_size(name: str, k: int, cases: Sequence[CaseFingerprint], flat: bool, total: int) -> ClassSizeRow:
    voxels = [c.class_voxels[k] for c in cases]
    sizes = [n * (1.0 if flat else float(np.prod(c.spacing_mm)) / 1000) for n, c in zip(voxels, cases, strict=True)]
    present = [size for size in sizes if size > 0]
    unit = "pixels" if flat else "ml"
    median = f"{_short(float(np.median(present)))} {unit}" if present else "none"
    return ClassSizeRow(name, len(present), len(cases), median, sum(voxels) / total if total else 0.0)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
