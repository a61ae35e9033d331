"""Nyul: histograms of MR brought to one standard scale, landmark by landmark."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from delineate.dataset.landmarks import body_landmarks, landmark_names
from delineate.store.normalise import NORMALISERS, Array, Scheme

_LIMIT = 6.0
_BLOCK = 1 << 20


@NORMALISERS.register("nyul")
class Nyul(Scheme):
    """Percentiles of the scan's body are moved to those of the training scans, linearly in between; beyond the outer
    two the outermost pieces go on, up to ±6 so that a bright artefact does not drown the rest
    (Nyul & Udupa, Magnetic Resonance in Medicine 1999; Nyul, Udupa & Zhang, IEEE TMI 2000).

    The landmarks are those of `dataset.landmarks`. A scan without spread becomes 0.
    """

    needs = rising = landmark_names()
    keeps_zero = True

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        own = body_landmarks(channel_zyx)
        if not own or own[-1] <= own[0]:
            channel_zyx[...] = 0
            return channel_zyx
        standard = np.array([numbers[n] for n in self.needs])
        here, there = _distinct(np.array(own), standard)
        flat = channel_zyx.reshape(-1)
        for i in range(0, flat.size, _BLOCK):  # no copy of a whole scan in double precision
            flat[i : i + _BLOCK] = _moved(flat[i : i + _BLOCK].astype(np.float64), here, there)
        return flat.reshape(channel_zyx.shape)


def _distinct(
    own: NDArray[np.float64], standard: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Landmarks that fall together (scans of few bits) go to the mean of where they would go each."""
    here, which = np.unique(own, return_inverse=True)
    return here, np.bincount(which, standard) / np.bincount(which)


def _moved(values: NDArray[np.float64], here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.interp(values, here, there)
    slopes = np.diff(there) / np.diff(here)
    below, above = values < here[0], values > here[-1]
    out[below] = there[0] + slopes[0] * (values[below] - here[0])
    out[above] = there[-1] + slopes[-1] * (values[above] - here[-1])
    return np.clip(out, -_LIMIT, _LIMIT)
