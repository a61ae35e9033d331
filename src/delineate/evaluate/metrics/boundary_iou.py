"""Boundary IoU: overlap of the two rims, so that a large inside does not hide a wrong outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.threads import cpus
from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair

_SHARE_OF_DIAGONAL = 0.02


@metric("boundary_iou", better="higher", needs_masks=True)
def boundary_iou(pair: ClassPair) -> float:
    """|rim of truth and rim of prediction| / |either rim|, a rim being the voxels of a mask no further than 2 % of the
    image's diagonal (and at least one voxel) from the nearest voxel outside the mask.

    As in the paper, outside the image is outside the mask. Distances are Euclidean, in mm, between voxel centres; the
    authors' own code erodes by squares of pixels. A structure thinner than two rims has the IoU as its boundary IoU.

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Cheng et al., Boundary IoU: improving object-centric image segmentation evaluation, CVPR 2021.

    Example:

        truth   prediction
        ###.    .###
        ###.    .###
        ###.    .###
        ....    ....
        a rim is one pixel wide here: 8 of the 9 pixels of either mask, all but its middle
        both rims: 4 of the 6 pixels of both masks; either rim: 8 + 8 - 4 = 12
        4 / 12 = 0.3333
    """
    flat = pair.flat_axis
    kept = [axis for axis in range(3) if axis != flat]
    spacing_mm = tuple(pair.spacing_mm[axis] for axis in kept)
    width_mm = max(_SHARE_OF_DIAGONAL * pair.diagonal_mm, *spacing_mm)
    masks = (m if flat is None else m.squeeze(flat) for m in (pair.truth_zyx, pair.prediction_zyx))
    truth, prediction = (_rim(mask, spacing_mm, width_mm * (1 + 1e-6)) for mask in masks)
    return float(np.count_nonzero(truth & prediction) / np.count_nonzero(truth | prediction))


def _rim(mask: NDArray[np.bool_], spacing_mm: tuple[float, ...], width_mm: float) -> NDArray[np.bool_]:
    """Distances are only found around the voxels that may be deeper than the rim; most organs are all rim."""
    import edt

    reach = [int(width_mm / s) for s in spacing_mm]
    deep = _deep_box(mask, reach)
    if deep is None:
        return mask
    around = tuple(slice(max(d.start - r - 1, 0), d.stop + r + 1) for d, r in zip(deep, reach, strict=True))
    part = np.ascontiguousarray(mask[around]).view(np.uint8)
    squared_mm2 = edt.edtsq(part, anisotropy=spacing_mm, black_border=True, parallel=cpus())
    rim = mask.copy()
    rim[around] &= squared_mm2 <= width_mm**2
    return rim


def _deep_box(mask: NDArray[np.bool_], reach: list[int]) -> tuple[slice, ...] | None:
    """The box of all voxels that have only voxels of the mask within ``reach`` along every axis; None without any."""
    inner = [slice(r, n - r) for r, n in zip(reach, mask.shape, strict=True)]
    if any(s.start >= s.stop for s in inner):
        return None
    deep = mask[tuple(inner)]
    for axis, most in enumerate(reach):
        run = mask[tuple(slice(None) if a == axis else s for a, s in enumerate(inner))].swapaxes(0, axis)
        length = 1
        while length <= 2 * most:  # voxels in a row from each on, longer and longer rows
            step = min(length, 2 * most + 1 - length)
            run, length = run[step:] & run[:-step], length + step
        deep = deep & run.swapaxes(0, axis)
    found = [np.flatnonzero(deep.any(axis=tuple(b for b in range(deep.ndim) if b != a))) for a in range(deep.ndim)]
    if not found[0].size:
        return None
    return tuple(slice(int(f[0]) + r, int(f[-1]) + r + 1) for f, r in zip(found, reach, strict=True))
