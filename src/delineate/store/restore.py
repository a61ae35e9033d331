"""The way back: predictions on a prepared grid to ids on the scan's own grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError
from delineate.core.labels import Labels
from delineate.plan.budget import RESTORE_VOXELS
from delineate.store.resample import Array, apply_weights, weights
from delineate.store.trace import Trace

TellProbability = Callable[[int, int, Array], None]
"""Hears, slab by slab, the probability (float32) of a class (its number) in the slices of the cropped grid from the
one named on."""


def restore_logits(logits_kzyx: Any, trace: Trace, labels: Labels, tell: TellProbability | None = None) -> NDArray[Any]:
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
    step = max(1, RESTORE_VOXELS // (height * width * (1 if tell is None else labels.channels)))
    for first in range(0, depth, step):
        last = min(first + step, depth)
        channel = _interpolated(logits_kzyx, trace, first, last)
        if tell is not None:
            held = np.stack([channel(k) for k in range(labels.channels)])
            channel = held.__getitem__
            for number, probability in enumerate(_probabilities(held, labels)):
                tell(number, first, probability)
        inside[first:last] = _ids(channel, labels, (last - first, height, width))
    return out


def _interpolated(logits_kzyx: Any, trace: Trace, first: int, last: int) -> Callable[[int], Array]:
    """A function that gives one channel in the slices ``first`` to ``last`` of the cropped grid."""
    if not trace.resamples:  # the matrices of a large picture would be larger than the picture
        return lambda k: np.asarray(logits_kzyx[k, first:last], dtype=np.float32)
    matrices = [weights(n, m, 1) for n, m in zip(trace.prepared_shape, trace.crop_shape, strict=True)]
    touched = np.flatnonzero(np.any(matrices[0][first:last] != 0, axis=0))
    span = slice(int(touched[0]), int(touched[-1]) + 1)
    matrices[0] = matrices[0][first:last, span]

    def channel(k: int) -> Array:
        return apply_weights(np.ascontiguousarray(logits_kzyx[k, span], dtype=np.float32), matrices)

    return channel


def _probabilities(logits_kzyx: Array, labels: Labels) -> Iterator[Array]:
    """The probability of every class, in order."""
    from scipy.special import expit, softmax

    shares = expit(logits_kzyx) if labels.regions else softmax(logits_kzyx, axis=0)
    return (shares[k if labels.regions else wanted.ids[0]] for k, wanted in enumerate(labels.classes))


def _ids(channel: Callable[[int], Array], labels: Labels, shape: tuple[int, int, int]) -> NDArray[Any]:
    """The ids that the channels of a slab of ``shape`` mean."""
    ids = np.zeros(shape, labels.dtype)
    if labels.regions:
        for k, region in enumerate(labels.classes):
            ids[channel(k) > 0] = region.output_id
        return ids
    best = channel(0).copy()
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
