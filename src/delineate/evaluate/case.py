"""`CasePair`: two maps of ids; one pass over them gives every class's counts and box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.boxes import Box, boxes_of_ids, foreground_box, joined, moved
from delineate.evaluate.counts import Counts, confusion, count_classes, refuse_other_shape
from delineate.evaluate.pair import ClassPair, Mask


@dataclass(frozen=True, eq=False)
class CasePair:
    """A case's prediction and truth, cut to ``within``, the box that holds all foreground of both (views, no copies);
    ``confusion`` is what `counts.confusion` gives of the whole case; ``counts`` and ``boxes`` of every class of
    ``labels`` in order, the boxes within ``within``."""

    prediction_ids: NDArray[Any]
    truth_ids: NDArray[Any]
    labels: Labels
    geometry: Geometry
    within: Box
    confusion: NDArray[np.int64]
    counts: tuple[Counts, ...]
    boxes: tuple[Box, ...]

    @classmethod
    def of(cls, prediction_ids: NDArray[Any], truth_ids: NDArray[Any], labels: Labels, geometry: Geometry) -> Self:
        """From ids ``[z, y, x]`` on one grid. Voxels whose truth is the ignore id belong to no mask.

        Raises:
            GeometryError: the arrays have different shapes.
            LabelError: values that are no ids of ``labels``.
        """
        refuse_other_shape(prediction_ids, truth_ids)
        within = foreground_box(prediction_ids, truth_ids)
        prediction, truth = prediction_ids[within], truth_ids[within]
        table = confusion(prediction, truth, labels)
        table[0, 0] += truth_ids.size - truth.size  # outside, both are background
        counts = count_classes(table, labels, geometry.voxel_ml)
        found = [boxes_of_ids(ids, len(table)) for ids in (prediction, truth)]
        boxes = tuple(joined(where[i] for where in found for i in c.ids) for c in labels.classes)
        return cls(prediction, truth, labels, geometry, within, table, counts, boxes)

    @property
    def voxels(self) -> tuple[int, ...]:
        """The size of every class's box."""
        return tuple(int(np.prod([side.stop - side.start for side in box])) for box in self.boxes)

    def pair(self, k: int) -> ClassPair:
        """Class ``k`` with its masks cut out."""
        box, ids = self.boxes[k], self.labels.classes[k].ids
        prediction, truth = self.prediction_ids[box], self.truth_ids[box]
        valid = None if self.labels.ignore_id is None else truth != self.labels.ignore_id
        if valid is not None and valid.all():
            valid = None
        predicted, true = (_mask(part, ids, valid) for part in (prediction, truth))
        if valid is not None:  # what was predicted where nobody labelled may have widened the box
            tight = foreground_box(predicted, true)
            predicted, true, valid, box = predicted[tight], true[tight], valid[tight], moved(tight, box)
        grid = self.geometry
        return ClassPair(self.counts[k], predicted, true, valid, grid.spacing_mm, grid.shape, moved(box, self.within))


def pair_case(
    prediction_ids: NDArray[Any], truth_ids: NDArray[Any], labels: Labels, geometry: Geometry
) -> Iterator[ClassPair]:
    """The `ClassPair` of every class of ``labels``, in order, cut out when its turn comes; see `CasePair.of`."""
    case = CasePair.of(prediction_ids, truth_ids, labels, geometry)
    return (case.pair(k) for k in range(len(labels.classes)))


def _mask(ids_zyx: NDArray[Any], wanted: tuple[int, ...], valid: Mask | None) -> Mask:
    mask = ids_zyx == wanted[0]
    for other in wanted[1:]:
        mask |= ids_zyx == other
    return mask if valid is None else mask & valid
