"""`Reliability`: how often a class is there where it was given a probability of so much."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from delineate.core.record import Record

BINS = 15
"""Of equal width, as in Guo et al., On Calibration of Modern Neural Networks, ICML 2017."""

_SLAB = 1 << 20


class ReliabilityBin(Record):
    """The voxels whose probability is above ``low`` and at most ``high`` (the first bin holds 0 too): how many, their
    mean probability (``confidence``) and the share of them that is the class (``accuracy``); None where there are
    none."""

    low: float
    high: float
    confidence: float | None
    accuracy: float | None
    count: int


class Reliability(Record):
    """The calibration of one class, in one case or (``case`` empty) over all voxels of all cases together.

    ``ece`` is the expected calibration error: the mean over bins of |accuracy - confidence|, each bin weighing as
    many voxels as it holds (Naeini et al., AAAI 2015; per class as in Kull et al., NeurIPS 2019). ``ace`` gives every
    bin that holds voxels the same weight (Neumann et al., Relaxed Softmax, 2018), so that the sea of background does
    not drown the rest. ``brier`` is the mean of (probability - truth)^2 (Brier, Monthly Weather Review 1950). All
    three run from 0 (perfect) to 1. They are defined whatever is there, so no rule for empty masks is needed.
    """

    class_name: str
    case: str = ""
    bins: tuple[ReliabilityBin, ...]
    ece: float
    ace: float
    brier: float
    voxels: int


class Tally:
    """Sums per bin, from which a `Reliability` follows; tallies of cases add up to that of all."""

    def __init__(self) -> None:
        self._count = np.zeros(BINS, np.int64)
        self._true = np.zeros(BINS, np.int64)
        self._probability = np.zeros(BINS)
        self._square = 0.0

    @classmethod
    def of(
        cls, probability_zyx: NDArray[Any], truth_zyx: NDArray[np.bool_], valid_zyx: NDArray[np.bool_] | None = None
    ) -> Self:
        """Count a map of probabilities (0 to 1) against a mask of the same shape, slab by slab; voxels that are not
        ``valid`` are left out."""
        tally = cls()
        step = max(1, _SLAB // max(1, int(np.prod(probability_zyx.shape[1:]))))
        for first in range(0, len(probability_zyx), step):
            span = slice(first, first + step)
            p, y = probability_zyx[span].reshape(-1).astype(np.float64), truth_zyx[span].reshape(-1)
            if valid_zyx is not None:
                valid = valid_zyx[span].reshape(-1)
                p, y = p[valid], y[valid]
            tally._add(p, y)
        return tally

    def _add(self, p: NDArray[np.float64], y: NDArray[np.bool_]) -> None:
        place = np.clip(np.ceil(p * BINS).astype(np.intp) - 1, 0, BINS - 1)
        self._count += np.bincount(place, minlength=BINS)
        self._true += np.bincount(place[y], minlength=BINS)
        self._probability += np.bincount(place, p, BINS)
        self._square += float(np.square(p - y).sum())

    def __iadd__(self, other: Tally) -> Self:
        self._count += other._count
        self._true += other._true
        self._probability += other._probability
        self._square += other._square
        return self

    def reliability(self, class_name: str, case: str = "") -> Reliability:
        """The table and the numbers; of no voxels at all, errors of 0."""
        voxels = int(self._count.sum())
        full = self._count > 0
        counts = np.maximum(self._count, 1)
        confidence, accuracy = self._probability / counts, self._true / counts
        gaps = np.abs(confidence - accuracy)
        edges = np.linspace(0, 1, BINS + 1)
        bins = tuple(
            ReliabilityBin(
                low=float(edges[i]),
                high=float(edges[i + 1]),
                confidence=float(confidence[i]) if full[i] else None,
                accuracy=float(accuracy[i]) if full[i] else None,
                count=int(self._count[i]),
            )
            for i in range(BINS)
        )
        return Reliability(
            class_name=class_name,
            case=case,
            bins=bins,
            ece=float((gaps * self._count).sum() / max(voxels, 1)),
            ace=float(gaps[full].mean()) if full.any() else 0.0,
            brier=self._square / max(voxels, 1),
            voxels=voxels,
        )
