"""`Profile`: a data set as a person wants to see it: grids, intensities, sizes and parts of classes, odd cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple, Triple_mm
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import CheckResult
from delineate.dataset.facts import CaseFacts, LabelFacts
from delineate.dataset.histogram import IntensityHistogram, take_histogram
from delineate.dataset.outliers import Outlier, Quantity, find_outliers

_AXES = "zyx"


class CaseProfile(Record):
    """One case, its grid turned to z up, y back, x left (None where no image could be read).

    ``class_voxels`` and ``parts`` (connected parts) follow the classes; they are empty without a readable mask, and
    a part count is None where it was not taken. ``medians`` are those of the foreground intensities of each channel.
    """

    name: str
    group: str
    shape: Triple | None
    spacing_mm: Triple_mm | None
    class_voxels: tuple[int, ...] = ()
    parts: tuple[int | None, ...] = ()
    medians: tuple[float, ...] = ()

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel in millilitres; 0 without a grid."""
        return 0.0 if self.spacing_mm is None else float(np.prod(self.spacing_mm)) / 1000


class Profile(Record):
    """A data set in distributions. ``together[i][k]`` counts the cases that hold both class i and class k.

    ``flat``: every case is one slice, so that sizes are told in pixels.
    """

    flat: bool
    class_names: tuple[str, ...]
    cases: tuple[CaseProfile, ...]
    histograms: tuple[IntensityHistogram, ...]
    together: tuple[tuple[int, ...], ...]
    outliers: tuple[Outlier, ...]

    @property
    def size_unit(self) -> str:
        """What sizes of classes are told in."""
        return "pixels" if self.flat else "ml"

    def sizes(self, number: int) -> tuple[float | None, ...]:
        """The size of a class in each case, in `size_unit`; None where it is absent or there is no mask."""
        voxels = [c.class_voxels[number] if c.class_voxels else 0 for c in self.cases]
        return tuple(n * (1 if self.flat else c.voxel_ml) or None for n, c in zip(voxels, self.cases, strict=True))

    def parts(self, number: int) -> tuple[int | None, ...]:
        """In how many connected parts a class lies in each case; None where it is absent or was not counted."""
        return tuple((c.parts[number] or None) if c.parts else None for c in self.cases)


def profile_dataset(data: Dataset, result: CheckResult) -> Profile:
    """The profile of a data set that was checked with ``detail``."""
    labels = result.labels
    cases = tuple(_case(c, f, labels) for c, f in zip(data.cases, result.facts, strict=True))
    known = [c.shape for c in cases if c.shape is not None]
    names = labels.names if labels is not None else ()
    bare = Profile(
        flat=bool(known) and all(s[0] == 1 for s in known),
        class_names=names,
        cases=cases,
        histograms=tuple(
            take_histogram(name, *_intensities(result.facts, n, labels)) for n, name in enumerate(data.channels)
        ),
        together=_together([c.class_voxels for c in cases if c.class_voxels], len(names)),
        outliers=(),
    )
    found = find_outliers([c.name for c in cases], quantities(bare, data.channels))
    return bare.model_copy(update={"outliers": found})


def quantities(profile: Profile, channels: Sequence[str]) -> tuple[Quantity, ...]:
    """The numbers of each case in which it may differ from the others."""
    found = []
    for axis, name in enumerate(_AXES):
        sizes = tuple(None if c.shape is None else float(c.shape[axis]) for c in profile.cases)
        spacings = tuple(None if c.spacing_mm is None else c.spacing_mm[axis] for c in profile.cases)
        found.append(Quantity(name=f"shape along {name}", unit="voxels", values=sizes, log=True))
        found.append(Quantity(name=f"spacing along {name}", unit="mm", values=spacings, log=True))
    for n, name in enumerate(channels):
        medians = tuple(c.medians[n] if n < len(c.medians) else None for c in profile.cases)
        positive = all(m is None or m > 0 for m in medians)
        found.append(Quantity(name=f"median intensity of {name}", unit="", values=medians, log=positive))
    for n, name in enumerate(profile.class_names):
        found.append(Quantity(name=f"size of {name}", unit=profile.size_unit, values=profile.sizes(n), log=True))
        found.append(Quantity(name=f"parts of {name}", unit="", values=profile.parts(n), log=True))
    return tuple(found)


def foreground_voxels(found: LabelFacts | None, labels: Labels | None) -> int:
    """Voxels of a mask that are neither background nor to be ignored."""
    if found is None:
        return 0
    outside = {0} if labels is None else {labels.file_values[0], labels.ignore_value}
    return sum(n for v, n in zip(found.values, found.voxels, strict=True) if v not in outside)


def _case(case: Case, facts: CaseFacts, labels: Labels | None) -> CaseProfile:
    grid = facts.head.grid
    turned = None if grid is None else grid.transposed(grid.closest_axes()[0])
    known = labels is not None and facts.label is not None
    return CaseProfile(
        name=case.name,
        group=case.group,
        shape=None if turned is None else turned.shape,
        spacing_mm=None if turned is None else turned.spacing_mm,
        class_voxels=_class_voxels(facts.label, labels) if known else (),  # type: ignore[arg-type]
        parts=_parts(facts, labels) if known else (),  # type: ignore[arg-type]
        medians=tuple(_median(channel) for channel in facts.sample_cn) if facts.sample_cn.size else (),
    )


def _median(channel: NDArray[np.float32]) -> float:
    fine = channel[np.isfinite(channel)]
    return float(np.median(fine)) if fine.size else 0.0


def _class_voxels(label: LabelFacts, labels: Labels) -> tuple[int, ...]:
    if labels.instances:
        return (foreground_voxels(label, labels),)
    return tuple(sum(label.count(labels.file_values[i]) for i in c.ids) for c in labels.classes)


def _parts(facts: CaseFacts, labels: Labels) -> tuple[int | None, ...]:
    """Numbered objects are their own parts."""
    if labels.instances and facts.label is not None:
        return (sum(v > 0 and v != labels.ignore_value for v in facts.label.values),)
    counted = facts.detail.parts if facts.detail is not None else {}
    there = set(facts.label.values) if facts.label is not None else set()
    unions = [tuple(labels.file_values[i] for i in c.ids) for c in labels.classes]
    return tuple(counted.get(union, None if there & set(union) else 0) for union in unions)


def _intensities(
    facts: Sequence[CaseFacts], channel: int, labels: Labels | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The samples of all cases inside and outside the foreground; a case where nothing is marked is all outside."""
    inside: list[NDArray[np.float32]] = []
    outside: list[NDArray[np.float32]] = []
    for fact in facts:
        if channel < len(fact.sample_cn):
            (inside if foreground_voxels(fact.label, labels) else outside).append(fact.sample_cn[channel])
        if fact.detail is not None and channel < len(fact.detail.background_cn):
            outside.append(fact.detail.background_cn[channel])
    none = np.zeros(0, np.float32)
    return np.concatenate([none, *inside]), np.concatenate([none, *outside])


def _together(rows: Sequence[tuple[int, ...]], classes: int) -> tuple[tuple[int, ...], ...]:
    there = (np.array(rows, np.int64).reshape(-1, classes) > 0).astype(np.int64)
    return tuple(tuple(int(n) for n in row) for row in there.T @ there)
