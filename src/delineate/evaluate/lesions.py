"""`Lesions`: connected pieces of truth and prediction, and which of them found each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FOUND = 0.1
"""How much of a lesion must be covered for it to count as found (or as right): a tenth of its voxels, the rule of the
multiple sclerosis challenge of MICCAI 2016 (Commowick et al., Scientific Reports 8, 2018)."""
SAME = 0.5
"""Above this intersection over union two pieces are one lesion; no piece can be so for two others (Kirillov et al.,
Panoptic Segmentation, CVPR 2019)."""

_SMALL_TABLE = 1 << 20


@dataclass(frozen=True, eq=False)
class Lesions:
    """The lesions of one class in one case: 26-connected pieces (8-connected where the image is flat).

    ``true_voxels`` and ``predicted_voxels`` are their sizes; ``true_covered`` is the share of each true lesion that
    the prediction covers, ``predicted_covered`` the share of each predicted one that is true. ``ious`` are those above
    `SAME`, one per true lesion that has a partner.
    """

    true_voxels: NDArray[np.int64]
    predicted_voxels: NDArray[np.int64]
    true_covered: NDArray[np.float64]
    predicted_covered: NDArray[np.float64]
    ious: NDArray[np.float64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which true lesions were found."""
        return self.true_covered >= FOUND

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which predicted lesions are there."""
        return self.predicted_covered >= FOUND

    @property
    def sensitivity(self) -> float:
        """The share of true lesions found; nan where there are none."""
        return float(self.found.mean()) if len(self.found) else float("nan")

    @property
    def precision(self) -> float:
        """The share of predicted lesions that are there; nan where there are none."""
        return float(self.right.mean()) if len(self.right) else float("nan")

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.sensitivity + self.precision
        return 2 * self.sensitivity * self.precision / both if both else 0.0

    @property
    def recognition_quality(self) -> float:
        """The F1 score of lesions that are the same: twice their number over all true and all predicted lesions."""
        every = len(self.true_voxels) + len(self.predicted_voxels)
        return 2 * len(self.ious) / every if every else float("nan")

    @property
    def segmentation_quality(self) -> float:
        """The mean intersection over union of lesions that are the same; 0 where none is."""
        return float(self.ious.mean()) if len(self.ious) else 0.0


def find_lesions(prediction_zyx: NDArray[np.bool_], truth_zyx: NDArray[np.bool_]) -> Lesions:
    """Lesions of two masks ``[z, y, x]`` on one grid, which may be cut out to the box that holds both."""
    true, true_voxels = components(truth_zyx)
    predicted, predicted_voxels = components(prediction_zyx)
    pairs, common = _overlaps(true, predicted, len(true_voxels), len(predicted_voxels))
    i, j = pairs
    iou = common / (true_voxels[i] + predicted_voxels[j] - common)
    return Lesions(
        true_voxels,
        predicted_voxels,
        np.bincount(i, common, len(true_voxels)) / true_voxels,
        np.bincount(j, common, len(predicted_voxels)) / predicted_voxels,
        iou[iou > SAME],
    )


def components(mask_zyx: NDArray[np.bool_]) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
    """The pieces of a mask numbered from 1 (0 is outside), and how many voxels each has."""
    if not mask_zyx.any():
        return np.zeros(mask_zyx.shape, np.uint8), np.zeros(0, np.int64)
    import cc3d

    # as bytes: some flat arrays of booleans are numbered wrongly (seen with cc3d 4.1.1, 8 neighbours)
    as_bytes = np.ascontiguousarray(mask_zyx).view(np.uint8)
    numbered, pieces = cc3d.connected_components(as_bytes, connectivity=26, return_N=True)
    if pieces == 1:
        return as_bytes, np.array([np.count_nonzero(mask_zyx)])
    numbered = numbered.astype(np.min_scalar_type(pieces), copy=False)
    return numbered, np.bincount(numbered[mask_zyx])[1:]


def _overlaps(
    true: NDArray[np.integer], predicted: NDArray[np.integer], trues: int, predictions: int
) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], NDArray[np.int64]]:
    """Which true and predicted lesions (numbered from 0) share voxels, and how many."""
    if trues == predictions == 1 and (shared := np.count_nonzero(true & predicted)):
        return (np.zeros(1, np.intp), np.zeros(1, np.intp)), np.array([shared])
    both = (true > 0) & (predicted > 0)
    codes = (true[both].astype(np.int64) - 1) * predictions + (predicted[both].astype(np.int64) - 1)
    if trues * predictions <= _SMALL_TABLE:
        table = np.bincount(codes, minlength=trues * predictions)
        found = np.flatnonzero(table)
        common = table[found]
    else:
        found, common = np.unique(codes, return_counts=True)
    i, j = np.divmod(found, max(predictions, 1))
    return (i, j), common
