"""The bias field of MR: the slow change of brightness that coils leave, taken out before anything else is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.volume import Volume
from delineate.plan.plan import Plan
from delineate.store.trace import reorient

_FIT_MM = 6.0
_FEWEST = 16
_ITERATIONS = [30, 30, 20]


def corrected_channels(volume: Volume, plan: Plan) -> Iterator[NDArray[Any]]:
    """The channels of a scan one after another, those that the plan names without their bias field; the volume is not
    changed.

    The field is fitted in canonical orientation, so that it does not depend on how the scan was stored.
    """
    axes, flips = volume.geometry.closest_axes()
    spacing_mm = volume.geometry.transposed(axes).spacing_mm
    for name, channel in zip(plan.channels, volume.array_czyx, strict=True):
        if name not in plan.n4:
            yield channel
            continue
        corrected = np.empty(volume.geometry.shape, np.float32)
        reorient(corrected, axes, flips)[...] = correct_bias(reorient(channel, axes, flips), spacing_mm)
        yield corrected


def correct_bias(channel_zyx: NDArray[Any], spacing_mm: tuple[float, ...]) -> NDArray[np.float32]:
    """The channel divided by its bias field, float32 of the same shape (N4: Tustison et al., IEEE TMI 2010).

    The field is fitted on voxels of about 6 mm, where Otsu's method sees tissue and the scan is above 0. A scan with
    too little of that, or with voxels that are not numbers, stays as it is.
    """
    channel = np.array(channel_zyx, dtype=np.float32, order="C")
    thick = tuple(a for a, n in enumerate(channel.shape) if n > 1)  # a single slice is a picture
    if len(thick) < 2 or not (np.isfinite(channel.min()) and np.isfinite(channel.max())):
        return channel
    shape = tuple(channel.shape[a] for a in thick)
    field = _log_field(channel.reshape(shape), tuple(spacing_mm[a] for a in thick))
    if field is None:
        return channel
    np.exp(field, out=field)
    channel /= field.reshape(channel.shape)
    return channel


def _log_field(channel: NDArray[np.float32], spacing_mm: tuple[float, ...]) -> NDArray[np.float32] | None:
    """The logarithm of the field, of the channel's shape; None where there is too little to fit it to."""
    import SimpleITK as sitk  # noqa: N813

    image = sitk.GetImageFromArray(channel)
    image.SetSpacing(spacing_mm[::-1])
    small = sitk.Shrink(image, [_shrink(n, s) for n, s in zip(channel.shape[::-1], spacing_mm[::-1], strict=True)])
    mask = sitk.And(sitk.OtsuThreshold(small, 0, 1, 200), sitk.Greater(small, 0))
    if np.count_nonzero(sitk.GetArrayViewFromImage(mask)) < _FEWEST ** len(spacing_mm) // 8:
        return None
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations(_ITERATIONS)
    n4.SetNumberOfThreads(1)  # sums in the same order every time; cases are prepared side by side anyway
    n4.Execute(small, mask)
    field: NDArray[np.float32] = sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(image))
    return field


def _shrink(size: int, spacing_mm: float) -> int:
    """How many voxels become one: up to about 6 mm, as long as enough are left."""
    return max(1, min(round(_FIT_MM / spacing_mm), size // _FEWEST))
