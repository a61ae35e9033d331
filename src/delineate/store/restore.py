"""The way back: predictions on a prepared grid to ids on the scan's own grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError
from delineate.core.labels import Labels
from delineate.plan.budget import RESTORE_VOXELS
from delineate.store.resample import Array, apply_weights, resample_ids, weights
from delineate.store.trace import Trace


def restore_ids(ids_zyx: NDArray[Any], trace: Trace) -> NDArray[Any]:
    """Ids ``[*prepared]`` to ids on the original grid; background outside the crop.

    Raises:
        GeometryError: the shape is not the prepared one.
    """
    _same_shape(tuple(ids_zyx.shape), trace)
    out = np.zeros(trace.original.shape, ids_zyx.dtype)
    trace.view(out)[...] = resample_ids(np.asarray(ids_zyx), trace.crop_shape)
    return out


def restore_logits(logits_kzyx: Any, trace: Trace, labels: Labels) -> NDArray[Any]:
    """Logits ``[channel, *prepared]`` (float16 or float32; an array, a memory map or anything that slices like one)
    to ids on the original grid.

    Each channel is interpolated linearly, slab by slab, and only the best so far is kept: full-size float volumes
    never exist. Exclusive labels take the largest logit, regions every logit above 0 in the order of the classes.

    Raises:
        GeometryError: the shape is not the prepared one or the channels are not the labels'.
    """
    _same_shape(tuple(logits_kzyx.shape[1:]), trace)
    if logits_kzyx.shape[0] != labels.channels:
        raise GeometryError(f"{logits_kzyx.shape[0]} logits for {labels.channels} channels", "one per channel")
    out = np.zeros(trace.original.shape, labels.dtype)
    inside = trace.view(out)
    depth, height, width = trace.crop_shape
    step = max(1, RESTORE_VOXELS // (height * width))
    for first in range(0, depth, step):
        last = min(first + step, depth)
        inside[first:last] = _slab_ids(logits_kzyx, trace, labels, first, last)
    return out


def _slab_ids(logits_kzyx: Any, trace: Trace, labels: Labels, first: int, last: int) -> NDArray[Any]:
    """Ids of the slices ``first`` to ``last`` of the cropped grid."""
    matrices = [weights(n, m, 1) for n, m in zip(trace.prepared_shape, trace.crop_shape, strict=True)]
    touched = np.flatnonzero(np.any(matrices[0][first:last] != 0, axis=0))
    span = slice(int(touched[0]), int(touched[-1]) + 1)
    matrices[0] = matrices[0][first:last, span]

    def channel(k: int) -> Array:
        return apply_weights(np.ascontiguousarray(logits_kzyx[k, span], dtype=np.float32), matrices)

    ids = np.zeros((last - first, *trace.crop_shape[1:]), labels.dtype)
    if labels.regions:
        for k, region in enumerate(labels.classes):
            ids[channel(k) > 0] = region.output_id
        return ids
    best = channel(0) if trace.resamples else channel(0).copy()
    for k in range(1, labels.channels):
        logit = channel(k)
        better = logit > best
        ids[better] = k
        np.maximum(best, logit, out=best)
    return ids


def _same_shape(shape: tuple[int, ...], trace: Trace) -> None:
    if shape != trace.prepared_shape:
        raise GeometryError(
            f"a prediction of shape {shape} for a prepared scan of {trace.prepared_shape}",
            "the shape that was prepared",
            "restore with the trace that came with this scan",
        )
