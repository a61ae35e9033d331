"""Preparation of one scan: reorient, crop, resample, normalise; the same for training and prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import DataError
from delineate.core.geometry import Geometry, Triple
from delineate.core.volume import Volume
from delineate.plan.plan import Normaliser, Plan, Stage
from delineate.store.normalise import scheme_of
from delineate.store.resample import Array, resample_ids, resample_image, resample_linear
from delineate.store.trace import Trace, combined_axes, reorient, shape_at


def prepare_case(volume: Volume, plan: Plan, stage: Stage) -> tuple[Array, Trace]:
    """The scan as a network sees it, float32 ``[channel, *prepared]``, and how to undo it. The volume is not changed.

    Raises:
        DataError: other channels than the plan's, or voxels that are not numbers.
    """
    if len(volume.array_czyx) != len(plan.normalisers):
        raise DataError(
            f"the scan has {len(volume.array_czyx)} channels",
            f"{len(plan.normalisers)}: {', '.join(plan.channels)}",
            "give the same channels in the same order as in training",
        )
    trace = _make_trace(volume, plan, stage)
    out = np.empty((len(plan.normalisers), *trace.prepared_shape), np.float32)
    for channel, normaliser, prepared in zip(volume.array_czyx, plan.normalisers, out, strict=True):
        prepared[...] = _prepare_channel(channel, normaliser, trace)
    return out, trace


def prepare_label(ids_zyx: NDArray[Any], trace: Trace) -> NDArray[Any]:
    """Ids on the original grid to ids on the prepared one; an exact copy where nothing is resampled."""
    return resample_ids(trace.view(ids_zyx), trace.prepared_shape)


def prepared_shape(geometry: Geometry, plan: Plan, stage: Stage) -> Triple:
    """The shape a scan of this grid has when prepared, were nothing cropped."""
    axes, flips = combined_axes(geometry, plan.axes)
    turned = geometry.transposed(axes).flipped(flips)
    return shape_at(turned.shape, turned.spacing_mm, stage.spacing_mm)


def _make_trace(volume: Volume, plan: Plan, stage: Stage) -> Trace:
    geometry = volume.geometry
    axes, flips = combined_axes(geometry, plan.axes)
    start: Triple = (0, 0, 0)
    turned = geometry.transposed(axes).flipped(flips)
    shape = turned.shape
    if plan.crop == "nonzero":
        start, shape = _nonzero_box([reorient(channel, axes, flips) for channel in volume.array_czyx])
    return Trace(
        original=geometry,
        axes=axes,
        flips=flips,
        crop_start=start,
        crop_shape=shape,
        prepared_shape=shape_at(shape, turned.spacing_mm, stage.spacing_mm),
        slicewise=plan.anisotropic,
    )


def _nonzero_box(channels_zyx: list[NDArray[Any]]) -> tuple[Triple, Triple]:
    """Start and shape of the box where any channel is not 0; everything where all are."""
    shape: Triple = channels_zyx[0].shape  # type: ignore[assignment]
    filled = [np.zeros(n, bool) for n in shape]
    for channel in channels_zyx:
        for z, plane in enumerate(channel):
            inside = plane != 0
            filled[0][z] |= inside.any()
            filled[1] |= inside.any(axis=1)
            filled[2] |= inside.any(axis=0)
    if not filled[0].any():
        return (0, 0, 0), shape
    ends = [np.flatnonzero(f)[[0, -1]] for f in filled]
    (a, i), (b, j), (c, k) = ((int(first), int(last) + 1) for first, last in ends)
    return (a, b, c), (i - a, j - b, k - c)


def _prepare_channel(channel_zyx: NDArray[Any], normaliser: Normaliser, trace: Trace) -> Array:
    scheme = scheme_of(normaliser)
    cropped = np.array(trace.view(channel_zyx), dtype=np.float32, order="C")
    if not (np.isfinite(cropped.min()) and np.isfinite(cropped.max())):
        raise DataError(
            f"{np.count_nonzero(~np.isfinite(cropped))} voxels of the scan are not numbers (NaN or infinite)",
            "finite intensities",
            "repair the scan: `delineate check` names the file",
        )
    if not trace.resamples:
        return scheme.apply(cropped, normaliser.numbers)
    resampled = resample_image(cropped, trace.prepared_shape, trace.slicewise)
    if scheme.keeps_zero:
        resampled[resample_linear(cropped != 0, trace.prepared_shape) < 0.5] = 0  # splines ring where 0 meets the body
    return scheme.apply(resampled, normaliser.numbers)
