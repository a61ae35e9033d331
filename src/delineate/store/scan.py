"""Preparation of one scan: reorient, crop, resample, normalise; the same for training and prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import DataError
from delineate.core.geometry import Geometry, Triple
from delineate.core.volume import Volume
from delineate.plan.plan import Normaliser, Plan, Stage
from delineate.store.bias import corrected_channels
from delineate.store.box import kept_box
from delineate.store.normalise import scheme_of
from delineate.store.resample import Array, resample_ids, resample_image, resample_linear
from delineate.store.trace import Trace, combined_axes, shape_at


def prepare_case(
    volume: Volume, plan: Plan, stage: Stage, labelled_zyx: NDArray[Any] | None = None
) -> tuple[Array, Trace]:
    """The scan as a network sees it, float32 ``[channel, *prepared]``, and how to undo it. The volume is not changed.

    ``labelled_zyx`` marks voxels on the original grid that a crop of zeros should keep (see `kept_box`).

    Raises:
        DataError: other channels than the plan's, or voxels that are not numbers.
    """
    if len(volume.array_czyx) != len(plan.normalisers):
        raise DataError(
            f"the scan has {len(volume.array_czyx)} channels",
            f"{len(plan.normalisers)}: {', '.join(plan.channels)}",
            "give the same channels in the same order as in training",
        )
    trace = _make_trace(volume, plan, stage, labelled_zyx)
    out = np.empty((len(plan.normalisers), *trace.prepared_shape), np.float32)
    for channel, normaliser, prepared in zip(corrected_channels(volume, plan), plan.normalisers, out, strict=True):
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


def _make_trace(volume: Volume, plan: Plan, stage: Stage, labelled_zyx: NDArray[Any] | None) -> Trace:
    geometry = volume.geometry
    axes, flips = combined_axes(geometry, plan.axes)
    start, shape = kept_box(volume, plan, axes, flips, labelled_zyx)
    return Trace(
        original=geometry,
        axes=axes,
        flips=flips,
        crop_start=start,
        crop_shape=shape,
        prepared_shape=shape_at(shape, geometry.transposed(axes).spacing_mm, stage.spacing_mm),
        slicewise=plan.anisotropic,
    )


def _prepare_channel(channel_zyx: NDArray[Any], normaliser: Normaliser, trace: Trace) -> Array:
    scheme = scheme_of(normaliser)
    cropped = trace.view(channel_zyx)
    if not (np.isfinite(cropped.min()) and np.isfinite(cropped.max())):
        raise DataError(
            f"{np.count_nonzero(~np.isfinite(cropped))} voxels of the scan are not numbers (NaN or infinite)",
            "finite intensities",
            "repair the scan: `delineate check` names the file",
        )
    if not trace.resamples:
        return scheme.apply(np.array(cropped, dtype=np.float32, order="C"), normaliser.numbers)
    resampled = resample_image(cropped, trace.prepared_shape, trace.slicewise)
    if scheme.keeps_zero:
        resampled[resample_linear(cropped != 0, trace.prepared_shape) < 0.5] = 0  # splines ring where 0 meets the body
    return scheme.apply(resampled, normaliser.numbers)
