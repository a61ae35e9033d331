"""Landmarks of a scan's histogram: percentiles of its body, and what they are on average over many scans.

Nyul & Udupa, "On standardizing the MR image intensity scale", Magnetic Resonance in Medicine 1999; Nyul, Udupa & Zhang,
"New variants of a method of MRI scale standardization", IEEE TMI 2000 (the deciles as landmarks).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

PERCENTILES = (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99)
"""The outer two span the scale; few voxels lie beyond them, and those are artefacts more often than not."""

SCALE = (-2.0, 2.0)
"""Where the outer two landmarks go: about the spread of a z-scored scan."""

_SAMPLE = 500_000


def landmark_names() -> tuple[str, ...]:
    """What a plan calls the learned landmarks among a normaliser's numbers."""
    return tuple(f"landmark_{p:02d}" for p in PERCENTILES)


def body_landmarks(channel_zyx: NDArray[Any]) -> tuple[float, ...]:
    """The `PERCENTILES` of the body: of the voxels brighter than the mean, as in the paper.

    The mean is that of the voxels that are finite and not 0, so that cutting away a padded margin changes nothing.
    Empty where no such voxel is, as in a constant scan.
    """
    sample = spread_sample(channel_zyx).astype(np.float64)
    sample = sample[np.isfinite(sample) & (sample != 0)]
    body = sample[sample > sample.mean()] if sample.size else sample
    return tuple(float(p) for p in np.percentile(body, PERCENTILES)) if body.size else ()


def mean_landmarks(scans: Iterable[Sequence[float]]) -> tuple[float, ...]:
    """The standard scale: each scan's landmarks brought to `SCALE` by its outer two, averaged over the scans.

    Scans without landmarks, or whose outer two are one, teach nothing. Empty where no scan is left.
    """
    fair = [np.asarray(s) for s in scans if len(s) == len(PERCENTILES) and s[-1] > s[0]]
    if not fair:
        return ()
    low, high = SCALE
    scaled = [low + (high - low) * (s - s[0]) / (s[-1] - s[0]) for s in fair]
    return tuple(float(m) for m in np.mean(scaled, axis=0))


def spread_sample(array: NDArray[Any], most: int = _SAMPLE) -> NDArray[Any]:
    """At most about ``most`` voxels, evenly spread: every n-th, where n shares no factor with the length of an axis
    (else one column would be taken again and again)."""
    step = max(1, -(-array.size // most))
    while step > 1 and any(gcd(step, n) > 1 for n in array.shape):
        step += 1
    return array.reshape(-1)[::step] if step < array.size else array.reshape(-1)[:1]
