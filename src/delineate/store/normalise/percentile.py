"""Percentile: a scan's own range, a few very bright or dark voxels left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from delineate.dataset.landmarks import spread_sample
from delineate.store.normalise import NORMALISERS, Array, Scheme


@NORMALISERS.register("percentile")
class Percentile(Scheme):
    """The 0.5th to the 99.5th percentile of the voxels that are not 0 becomes -2 to 2; beyond is clipped.

    A scan without spread between the two becomes 0.
    """

    keeps_zero = True

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        sample = spread_sample(channel_zyx)
        sample = sample[sample != 0]
        low, high = (float(p) for p in np.percentile(sample.astype(np.float64), (0.5, 99.5))) if sample.size else (0, 0)
        if high <= low:
            channel_zyx[...] = 0
            return channel_zyx
        np.clip(channel_zyx, low, high, out=channel_zyx)
        channel_zyx -= np.float32((low + high) / 2)
        channel_zyx *= np.float32(4.0 / (high - low))
        return channel_zyx
