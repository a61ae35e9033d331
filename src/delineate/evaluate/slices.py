"""`CaseSlices`: what every slice of a case has of every class, from one pass over the voxels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import UsageError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.boxes import foreground_box
from delineate.evaluate.counts import Counts, State, confusion, refuse_other_shape
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair

AUTO = "auto"
AXES = ("z", "y", "x")
SLICE_METRICS = ("dice", "iou", "precision", "recall")
"""What is measured in a slice, by the formulas and the rule for empty masks of the registry."""

_ALIKE = 1e-3
"""Spacings that differ by a thousandth or less are one: headers hold them in single precision."""
_BLOCK = 1 << 22
_ABSENT: State = "absent"


class SliceScore(NamedTuple):
    """One class in one slice. ``number`` counts from 0 along ``axis`` in the order of the file; ``values`` are those
    of `SLICE_METRICS`; ``state`` as in `ClassScore`, of the slice alone."""

    case: str
    class_name: str
    axis: str
    number: int
    state: State
    values: tuple[float, ...]
    truth_mm2: float
    predicted_mm2: float


@dataclass(frozen=True, eq=False)
class CaseSlices:
    """The slices of one case along ``axis`` (z, y or x of the array).

    Only slices that hold a class are listed, by class and then by number: ``class_of`` and ``number_of`` say which,
    ``tp``, ``predicted`` and ``true`` count their voxels, all ``[listed]``. In the others of ``slices`` it is absent.
    """

    case: str
    class_names: tuple[str, ...]
    axis: str
    slices: int
    pixel_mm2: float
    class_of: NDArray[np.intp]
    number_of: NDArray[np.intp]
    tp: NDArray[np.int64]
    predicted: NDArray[np.int64]
    true: NDArray[np.int64]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """`SLICE_METRICS` of each listed slice, ``[listed, metric]``."""
        metrics = [METRICS[name] for name in SLICE_METRICS]
        pairs = (ClassPair.counted(self._counts(i)) for i in range(len(self.tp)))
        return np.array([[m(p) for m in metrics] for p in pairs], np.float64).reshape(-1, len(metrics))

    @property
    def edge(self) -> NDArray[np.bool_]:
        """Which listed slices are the first or the last with truth of their class, ``[listed]``."""
        there = np.flatnonzero(self.true)
        changes = np.diff(self.class_of[there], prepend=-1, append=len(self.class_names)) != 0
        edge = np.zeros(len(self.true), bool)
        edge[there] = changes[:-1] | changes[1:]
        return edge

    @property
    def middle(self) -> NDArray[np.bool_]:
        """Which listed slices have truth of their class and are no `edge`, ``[listed]``."""
        return (self.true > 0) & ~self.edge

    def scores(self) -> Iterator[SliceScore]:
        """Every class in every slice, absent ones too, by class and then by number."""
        listed = {at: i for i, at in enumerate(zip(self.class_of.tolist(), self.number_of.tolist(), strict=True))}
        perfect = tuple(METRICS[name].perfect for name in SLICE_METRICS)
        for k, name in enumerate(self.class_names):
            for number in range(self.slices):
                i = listed.get((k, number))
                if i is None:
                    yield SliceScore(self.case, name, self.axis, number, _ABSENT, perfect, 0.0, 0.0)
                    continue
                areas = (float(n[i] * self.pixel_mm2) for n in (self.true, self.predicted))
                values = tuple(self.values[i].tolist())
                yield SliceScore(self.case, name, self.axis, number, self._counts(i).state, values, *areas)

    def _counts(self, i: int) -> Counts:
        """Without true negatives, which none of `SLICE_METRICS` asks for."""
        tp = int(self.tp[i])
        return Counts(tp, int(self.predicted[i]) - tp, int(self.true[i]) - tp, 0)


class PerSlice(NamedTuple):
    """That slices along ``axis`` are wanted, and who hears of each case's, in order."""

    axis: str
    hear: Callable[[CaseSlices], None]


def parse_axis(text: str) -> str:
    """``auto``, ``z``, ``y`` or ``x``.

    Raises:
        UsageError: it is none of them.
    """
    axis = text.strip().lower()
    if axis not in (AUTO, *AXES):
        raise UsageError(f"slices along {text!r}", "auto (the coarsest axis of each truth), z, y or x")
    return axis


def slice_axis(axis: str, geometry: Geometry) -> int:
    """The array axis that ``z``, ``y`` or ``x`` means, or with ``auto`` the one along which the voxels are longest:
    the axis of one voxel where the image is flat, and the earlier of two alike."""
    if axis != AUTO:
        return AXES.index(axis)
    if 1 in geometry.shape:
        return geometry.shape.index(1)
    spacing_mm = np.asarray(geometry.spacing_mm)
    return int(np.argmax(spacing_mm >= spacing_mm.max() * (1 - _ALIKE)))


def count_slices(
    prediction_ids: NDArray[Any],
    truth_ids: NDArray[Any],
    labels: Labels,
    geometry: Geometry,
    axis: str = AUTO,
    case: str = "",
) -> CaseSlices:
    """Count every class in every slice of ids ``[z, y, x]`` on one grid. Voxels whose truth is the ignore id are left
    out.

    Raises:
        GeometryError: the arrays have different shapes.
        LabelError: values that are no ids of ``labels``.
    """
    refuse_other_shape(prediction_ids, truth_ids)
    along = slice_axis(axis, geometry)
    within = foreground_box(prediction_ids, truth_ids)
    tp, predicted, true = _count(
        np.moveaxis(prediction_ids[within], along, 0), np.moveaxis(truth_ids[within], along, 0), labels
    )
    at = np.nonzero(predicted + true)
    pixel_mm2 = float(np.prod(np.delete(geometry.spacing_mm, along)))
    first = within[along].start
    return CaseSlices(
        case, labels.names, AXES[along], truth_ids.shape[along], pixel_mm2, at[0], at[1] + first,
        tp[at], predicted[at], true[at],
    )  # fmt: skip


def _count(prediction: NDArray[Any], truth: NDArray[Any], labels: Labels) -> NDArray[np.int64]:
    """True positives, predicted and true voxels, ``[3, class, slice]``, of ids ``[slice, ...]``."""
    member = np.array([np.isin(np.arange(len(labels.file_values)), c.ids) for c in labels.classes]).astype(np.int64)
    found = np.zeros((3, len(member), len(truth)), np.int64)
    step = max(1, _BLOCK // max(1, truth[:1].size))
    for start in range(0, len(truth), step):  # in blocks: slices across the memory are slow to fetch one by one
        block = slice(start, start + step)
        for i, (p, t) in enumerate(zip(*map(np.ascontiguousarray, (prediction[block], truth[block])), strict=True)):
            table = confusion(p, t, labels)
            tp = ((member @ table) * member).sum(axis=1) if labels.regions else member @ table.diagonal()
            found[:, :, start + i] = tp, member @ table.sum(axis=0), member @ table.sum(axis=1)
    return found
