"""`ClassPair`: one class in one case, the prediction beside the truth, cut out to where either of them is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple, Triple_mm
from delineate.evaluate.boxes import NOWHERE, Box, foreground_box
from delineate.evaluate.counts import Counts
from delineate.evaluate.lesions import Lesions, find_lesions
from delineate.evaluate.surface import SurfaceDistances
from delineate.evaluate.thinning import skeleton

Mask = NDArray[np.bool_]


def _nothing() -> Mask:
    return np.zeros((0, 0, 0), bool)


@dataclass(frozen=True, eq=False)
class ClassPair:
    """What a metric measures.

    ``prediction_zyx`` and ``truth_zyx`` are cut to ``box``, the smallest that holds both (no margin), from an image
    of ``image_shape`` voxels. Voxels that nobody labelled are in neither; ``valid_zyx`` is False there, and None
    where there are none. A pair of `counted` voxels has masks without voxels and serves metrics that only count.
    """

    counts: Counts
    prediction_zyx: Mask = field(default_factory=_nothing)
    truth_zyx: Mask = field(default_factory=_nothing)
    valid_zyx: Mask | None = None
    spacing_mm: Triple_mm = (1.0, 1.0, 1.0)
    image_shape: Triple = (0, 0, 0)
    box: Box = NOWHERE

    @classmethod
    def counted(cls, counts: Counts) -> Self:
        """A pair of which only the counts are known."""
        return cls(counts)

    @classmethod
    def of(
        cls,
        prediction_zyx: NDArray[Any],
        truth_zyx: NDArray[Any],
        spacing_mm: Triple_mm = (1.0, 1.0, 1.0),
        valid_zyx: Mask | None = None,
    ) -> Self:
        """From two masks of a whole image ``[z, y, x]`` (not zero is inside)."""
        prediction, truth = np.asarray(prediction_zyx) != 0, np.asarray(truth_zyx) != 0
        valid = np.ones(truth.shape, bool) if valid_zyx is None else valid_zyx
        prediction, truth = prediction & valid, truth & valid
        tp, predicted, true = (int(m.sum()) for m in (prediction & truth, prediction, truth))
        tn = int(valid.sum()) - predicted - true + tp
        counts = Counts(tp, predicted - tp, true - tp, tn, float(np.prod(spacing_mm)) / 1000)
        box = foreground_box(prediction, truth)
        cut = None if valid_zyx is None else valid[box]
        return cls(counts, prediction[box], truth[box], cut, spacing_mm, truth.shape, box)

    @property
    def has_masks(self) -> bool:
        """Whether the masks are known, or empty as counted."""
        return bool(self.truth_zyx.size) or self.counts.state == "absent"

    @property
    def flat_axis(self) -> int | None:
        """The first axis along which the whole image is one voxel thick: such an image is measured in two
        dimensions. None where there is none."""
        return self.image_shape.index(1) if 1 in self.image_shape else None

    @cached_property
    def diagonal_mm(self) -> float:
        """From one outer corner of the whole image to the opposite one (in the plane where it is flat), in mm."""
        extent = np.multiply(self.image_shape, self.spacing_mm)
        return float(np.linalg.norm(np.delete(extent, self.flat_axis) if self.flat_axis is not None else extent))

    @cached_property
    def lesions(self) -> Lesions:
        """The connected pieces of both masks, and which of them found each other."""
        return find_lesions(self.prediction_zyx, self.truth_zyx)

    @cached_property
    def centrelines(self) -> tuple[Mask, Mask]:
        """Of the prediction, and of the truth."""
        return skeleton(self.prediction_zyx), skeleton(self.truth_zyx)

    @cached_property
    def surfaces(self) -> SurfaceDistances:
        """The distances between the two surfaces, found once for all metrics that ask; neither mask may be empty."""
        flat, spacing_mm = self.flat_axis, self.spacing_mm
        if flat is None:
            return SurfaceDistances.between(self.prediction_zyx, self.truth_zyx, spacing_mm)
        in_plane = tuple(s for axis, s in enumerate(spacing_mm) if axis != flat)
        return SurfaceDistances.between(self.prediction_zyx.squeeze(flat), self.truth_zyx.squeeze(flat), in_plane)
