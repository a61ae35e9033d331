"""At which coarser spacing to look when the minutes are too few to see the scans as they are."""

from __future__ import annotations

from math import inf, pi, prod

import numpy as np

from delineate.core.geometry import Triple_mm
from delineate.dataset.fingerprint import Fingerprint

_SHARE = 1 / 8
"""Of the median scan that a patch should see (nnU-Net adds its coarse stage below a quarter)."""
_PASSES = 50.0
"""Times that each voxel is seen: where so many are reached, small patches do as well."""
_ACROSS = 8.0
"""Voxels that the smallest class stays wide, taken as one ball."""
_WORTHWHILE = 1.3
"""Voxels saved, as a factor, below which the scans stay as they are."""


def coarser_spacing(finger: Fingerprint, spacing_mm: Triple_mm, patch_share: float, passes: float) -> Triple_mm | None:
    """The spacing at which a patch of as many voxels shows enough of a scan, or every voxel is seen often enough,
    whichever is finer; None where the scans may stay as they are.

    ``patch_share`` is the part of the median scan in one patch, ``passes`` how often the training goes through all
    voxels, both at ``spacing_mm``. Fine axes become coarser before coarse ones do, and none coarser than what leaves
    the smallest class `_ACROSS` voxels (unless it was).
    """
    fewer = min(_SHARE / patch_share, _PASSES / passes)
    finest, limit = min(spacing_mm), smallest_diameter_mm(finger) / _ACROSS
    level = min(_level(spacing_mm, fewer), limit)
    coarse = _raised(spacing_mm, level)
    if level <= finest or prod(coarse) < _WORTHWHILE * prod(spacing_mm):
        return None
    return coarse


def smallest_diameter_mm(finger: Fingerprint) -> float:
    """Of a ball as large as the smallest class, in nine of ten cases at least; infinite without classes."""
    diameters = []
    for k in range(len(finger.class_names)):
        volumes = [c.class_voxels[k] * prod(c.spacing_mm) for c in finger.cases if c.class_voxels[k]]
        if volumes:
            diameters.append((6 / pi * float(np.percentile(volumes, 10))) ** (1 / 3))
    return min(diameters, default=inf)


def _level(spacing_mm: Triple_mm, fewer: float) -> float:
    """The spacing to raise the finer axes to so that ``fewer`` times fewer voxels are left."""
    voxel = prod(spacing_mm) * fewer
    fine = sorted(spacing_mm)
    for raised in (1, 2, 3):
        level = (voxel / prod(fine[raised:])) ** (1 / raised)
        if raised == 3 or level <= fine[raised]:
            break
    return level


def _raised(spacing_mm: Triple_mm, level: float) -> Triple_mm:
    a, b, c = (max(s, round(level, 3)) for s in spacing_mm)
    return a, b, c
