"""Boundary IoU: overlap of the two rims, so that a large inside does not hide a wrong outline."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.threads import cpus

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
    """
    flat = pair.flat_axis
    kept = [axis for axis in range(3) if axis != flat]
    spacing_mm = tuple(pair.spacing_mm[axis] for axis in kept)
    width_mm = max(_SHARE_OF_DIAGONAL * pair.diagonal_mm, *spacing_mm)
    masks = (m if flat is None else m.squeeze(flat) for m in (pair.truth_zyx, pair.prediction_zyx))
    truth, prediction = (_rim(mask, spacing_mm, width_mm) for mask in masks)
    return float(np.count_nonzero(truth & prediction) / np.count_nonzero(truth | prediction))


def _rim(mask: NDArray[np.bool_], spacing_mm: tuple[float, ...], width_mm: float) -> NDArray[Any]:
    import edt

    squared_mm2 = edt.edtsq(mask.astype(np.uint8), anisotropy=spacing_mm, black_border=True, parallel=cpus())
    return mask & (squared_mm2 <= (width_mm * (1 + 1e-6)) ** 2)
