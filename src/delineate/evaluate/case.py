"""`pair_case`: one pass over two maps of ids gives every class's counts and box."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.boxes import Box, boxes_of_ids, foreground_box, joined, moved
from delineate.evaluate.counts import Counts, confusion, count_classes, refuse_other_shape
from delineate.evaluate.pair import ClassPair, Mask


def pair_case(
    prediction_ids: NDArray[Any], truth_ids: NDArray[Any], labels: Labels, geometry: Geometry
) -> Iterator[ClassPair]:
    """The `ClassPair` of every class of ``labels``, in order; masks are cut out when their pair's turn comes.

    The arrays are ids ``[z, y, x]`` on one grid. Voxels whose truth is the ignore id belong to no mask.

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
    boxes = [boxes_of_ids(ids, len(table)) for ids in (prediction, truth)]
    for wanted, counted in zip(labels.classes, counts, strict=True):
        box = joined(found[i] for found in boxes for i in wanted.ids)
        yield _cut(prediction[box], truth[box], wanted.ids, labels.ignore_id, counted, geometry, moved(box, within))


def _cut(
    prediction: NDArray[Any],
    truth: NDArray[Any],
    ids: tuple[int, ...],
    ignore_id: int | None,
    counts: Counts,
    geometry: Geometry,
    box: Box,
) -> ClassPair:
    valid = None if ignore_id is None else truth != ignore_id
    if valid is not None and valid.all():
        valid = None
    masks = [_mask(part, ids, valid) for part in (prediction, truth)]
    return ClassPair(counts, masks[0], masks[1], valid, geometry.spacing_mm, geometry.shape, box)


def _mask(ids_zyx: NDArray[Any], wanted: tuple[int, ...], valid: Mask | None) -> Mask:
    mask = ids_zyx == wanted[0]
    for other in wanted[1:]:
        mask |= ids_zyx == other
    return mask if valid is None else mask & valid
