"""`Counts`: voxels agreed and disagreed on, from which every overlap metric follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError, LabelError
from delineate.core.labels import Labels

State = Literal["present", "absent", "missed", "false alarm"]

_SLAB = 1 << 22


@dataclass(frozen=True)
class Counts:
    """Voxels of one class in one case: true and false positives, false and true negatives, and the volume of one
    voxel in millilitres. Voxels that nobody labelled are in none of them."""

    tp: int
    fp: int
    fn: int
    tn: int
    voxel_ml: float = 0.001

    @property
    def predicted(self) -> int:
        """Voxels of the prediction."""
        return self.tp + self.fp

    @property
    def true(self) -> int:
        """Voxels of the truth."""
        return self.tp + self.fn

    @property
    def voxels(self) -> int:
        """All labelled voxels."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def state(self) -> State:
        """Present: both have it. Absent: neither. Missed: only the truth. False alarm: only the prediction."""
        if self.true:
            return "present" if self.predicted else "missed"
        return "false alarm" if self.predicted else "absent"


def confusion(prediction_ids: NDArray[Any], truth_ids: NDArray[Any], labels: Labels) -> NDArray[np.int64]:
    """How many voxels of each true id (row) got each predicted id (column); ``[n, n]`` for n ids.

    Voxels where the truth is the ignore id are left out. An ignore id in the prediction counts as background.

    Raises:
        GeometryError: the two arrays have different shapes.
        LabelError: values that are no ids of ``labels``.
    """
    refuse_other_shape(prediction_ids, truth_ids)
    n = len(labels.file_values)
    table = np.zeros(n * n, np.int64)
    predicted, true = prediction_ids.reshape(-1), truth_ids.reshape(-1)
    for start in range(0, true.size, _SLAB):  # in slabs: bincount widens to 8 bytes a voxel
        part = slice(start, start + _SLAB)
        pairs, times = _runs(*_known(true[part], predicted[part], labels), n)
        table += np.bincount(pairs, times, minlength=n * n).astype(np.int64)
    return table.reshape(n, n)


def count_classes(table: NDArray[np.int64], labels: Labels, voxel_ml: float) -> tuple[Counts, ...]:
    """`Counts` of every class from what `confusion` gave."""
    found = []
    for wanted in labels.classes:
        inside = np.isin(np.arange(len(table)), wanted.ids)
        tp = int(table[np.ix_(inside, inside)].sum())
        fp = int(table[np.ix_(~inside, inside)].sum())
        fn = int(table[np.ix_(inside, ~inside)].sum())
        found.append(Counts(tp, fp, fn, int(table.sum()) - tp - fp - fn, voxel_ml))
    return tuple(found)


def refuse_other_shape(prediction_ids: NDArray[Any], truth_ids: NDArray[Any]) -> None:
    """Say that two arrays do not fit each other.

    Raises:
        GeometryError: their shapes differ.
    """
    if prediction_ids.shape != truth_ids.shape:
        raise GeometryError(
            f"a prediction of shape {prediction_ids.shape} for a truth of shape {truth_ids.shape}",
            "the same grid",
            "restore the prediction to the scan's own grid before measuring it",
        )


def _runs(true: NDArray[Any], predicted: NDArray[Any], n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Each pair of ids (as ``true * n + predicted``) that follows another, and how often it does so in a row: ids
    come in long runs, and bincount is slow."""
    wide = np.min_scalar_type(n * n)
    pairs = true.astype(wide) * wide.type(n) + predicted.astype(wide)
    ends = np.append(np.flatnonzero(pairs[1:] != pairs[:-1]), pairs.size - 1)[: pairs.size]  # none where all is ignored
    return pairs[ends].astype(np.intp), np.diff(ends, prepend=-1)


def _known(true: NDArray[Any], predicted: NDArray[Any], labels: Labels) -> tuple[NDArray[Any], NDArray[Any]]:
    ignore = labels.ignore_id
    if ignore is not None:
        labelled = true != ignore
        true, predicted = true[labelled], predicted[labelled]
        predicted = np.where(predicted == ignore, 0, predicted)
    for ids, name in ((true, "truth"), (predicted, "prediction")):
        _refuse_unknown(ids, name, len(labels.file_values))
    return true, predicted


def _refuse_unknown(ids: NDArray[Any], name: str, n: int) -> None:
    if ids.dtype.kind not in "iub":
        raise LabelError(f"a {name} of {ids.dtype}", "integers", "encode it with Labels.encode")
    if ids.size and (ids.max() >= n or ids.min() < 0):
        odd = sorted({int(v) for v in np.unique(ids) if not 0 <= v < n})
        raise LabelError(f"ids in the {name} that no label has: {odd[:8]}", f"0 to {n - 1}", "encode it first")
