"""Which axis is coarse, and at which spacing a network should look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple, Triple_mm
from delineate.dataset.fingerprint import Fingerprint

ANISOTROPY = 3.0
"""An axis this many times coarser than the finest is treated on its own (Isensee et al. 2021)."""


def spacings_zyx(finger: Fingerprint) -> NDArray[np.float64]:
    """``[case, 3]`` canonical spacings in millimetres."""
    return np.array([c.spacing_mm for c in finger.cases], dtype=np.float64)


def choose_axes(finger: Fingerprint) -> Triple:
    """The order of a prepared array's axes: the coarsest first, the others kept in order.

    Axes within 1 % of each other count as equal, and z comes first among equals, so isotropic scans stay as they are.
    """
    median = np.median(spacings_zyx(finger), axis=0)
    coarsest = 0 if median[0] >= 0.99 * median.max() else int(np.argmax(median))
    first, second = (a for a in range(3) if a != coarsest)
    return coarsest, first, second


def target_spacing(finger: Fingerprint, axes: Triple) -> tuple[Triple_mm, bool]:
    """The spacing to resample to, in prepared order, and whether the scans are anisotropic.

    The median over cases; where the coarsest axis is more than `ANISOTROPY` times coarser than the finest and has as
    many times fewer voxels, its tenth percentile instead, so that thin-sliced scans lose less (Isensee et al. 2021).
    """
    spacings = spacings_zyx(finger)[:, list(axes)]
    target = np.median(spacings, axis=0)
    sizes = np.median(np.array([c.crop_shape for c in finger.cases])[:, list(axes)], axis=0)
    single = sizes[0] <= 1
    coarse = bool(target[0] / target[1:].min() > ANISOTROPY) and not single
    if coarse and sizes[0] * ANISOTROPY < sizes[1:].min():
        target[0] = max(np.percentile(spacings[:, 0], 10), target[1:].max())
    a, b, c = (float(v) for v in target)
    return (a, b, c), coarse


def prepared_voxels(finger: Fingerprint, axes: Triple, spacing_mm: Triple_mm) -> NDArray[np.float64]:
    """Voxels of each case after resampling to ``spacing_mm``."""
    return np.asarray(_prepared_shapes(finger, axes, spacing_mm).prod(axis=1))


def median_shape(finger: Fingerprint, axes: Triple, spacing_mm: Triple_mm) -> Triple:
    """The median shape of a prepared case at ``spacing_mm``, in prepared order."""
    after = _prepared_shapes(finger, axes, spacing_mm)
    a, b, c = (max(1, round(float(v))) for v in np.median(after, axis=0))
    return a, b, c


def _prepared_shapes(finger: Fingerprint, axes: Triple, spacing_mm: Triple_mm) -> NDArray[np.float64]:
    order = list(axes)
    shapes = np.array([c.crop_shape for c in finger.cases], dtype=np.float64)[:, order]
    return np.where(shapes > 1, shapes * spacings_zyx(finger)[:, order] / np.asarray(spacing_mm), 1.0)
