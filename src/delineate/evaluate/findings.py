"""`Findings`: what a report tells beyond scores: which ids were taken for which, and which lesions were found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.evaluate.case import CasePair
from delineate.evaluate.pair import ClassPair


class ClassLesions(Record):
    """The true lesions (connected pieces) of one class over the cases: for each its case, its volume in millilitres
    and whether it was found (`evaluate.lesions.FOUND`); ``false`` counts predicted pieces that are not there."""

    class_name: str
    cases: tuple[str, ...] = ()
    volumes_ml: tuple[float, ...] = ()
    found: tuple[bool, ...] = ()
    false: int = 0


class Findings(Record):
    """Over ``cases``: ``confusion[i][j]`` voxels of true id i got id j (``names`` of the ids, background first);
    ``lesions`` for each class. ``total`` is how many cases there are, where the time did not allow to look at all."""

    names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    lesions: tuple[ClassLesions, ...]
    cases: tuple[str, ...]
    total: int


def find_in_case(
    prediction_ids: NDArray[Any], truth_ids: NDArray[Any], labels: Labels, geometry: Geometry, case: str
) -> Findings:
    """The findings of one case, from ids ``[z, y, x]`` on one grid; voxels without a label count nowhere.

    Raises:
        GeometryError, LabelError: as `CasePair.of`.
    """
    both = CasePair.of(prediction_ids, truth_ids, labels, geometry)
    lesions = tuple(_lesions(both.pair(k), name, case) for k, name in enumerate(labels.names))
    rows = tuple(tuple(row) for row in both.confusion.tolist())
    return Findings(names=id_names(labels), confusion=rows, lesions=lesions, cases=(case,), total=1)


def join_findings(parts: Sequence[Findings], total: int | None = None) -> Findings | None:
    """Findings of several cases or folds as one; None of nothing. Those of other labels than the first are left out."""
    if not parts:
        return None
    same = [p for p in parts if p.names == parts[0].names]
    table = np.sum([np.array(p.confusion, np.int64) for p in same], axis=0)
    return Findings(
        names=same[0].names,
        confusion=tuple(tuple(row) for row in table.tolist()),
        lesions=tuple(_joined(group) for group in zip(*(p.lesions for p in same), strict=True)),
        cases=tuple(case for p in same for case in p.cases),
        total=sum(p.total for p in same) if total is None else total,
    )


def id_names(labels: Labels) -> tuple[str, ...]:
    """What each id is called: the class that is this id alone, else the value in the files."""
    alone = {c.ids[0]: c.name for c in labels.classes if len(c.ids) == 1}
    values = enumerate(labels.file_values[1:], 1)
    return ("background", *(alone.get(i, f"value {value}") for i, value in values))


def _lesions(pair: ClassPair, name: str, case: str) -> ClassLesions:
    found = pair.lesions
    volumes = tuple(float(f"{v:.4g}") for v in found.true_voxels * pair.counts.voxel_ml)
    hits = tuple(bool(f) for f in found.found)
    return ClassLesions(
        class_name=name, cases=(case,) * len(volumes), volumes_ml=volumes, found=hits, false=int((~found.right).sum())
    )


def _joined(group: Sequence[ClassLesions]) -> ClassLesions:
    return ClassLesions(
        class_name=group[0].class_name,
        cases=tuple(c for g in group for c in g.cases),
        volumes_ml=tuple(v for g in group for v in g.volumes_ml),
        found=tuple(f for g in group for f in g.found),
        false=sum(g.false for g in group),
    )
