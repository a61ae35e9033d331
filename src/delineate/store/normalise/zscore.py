"""Z-score: units that differ from scan to scan."""

from __future__ import annotations

from collections.abc import Mapping

from delineate.store.normalise import NORMALISERS, Array, Scheme, mean_and_std, z_score


@NORMALISERS.register("zscore")
class Zscore(Scheme):
    """Mean 0 and deviation 1 over the whole cropped scan."""

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        return z_score(channel_zyx, *mean_and_std(channel_zyx))
