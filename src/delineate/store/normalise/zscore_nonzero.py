"""Z-score in the body: for scans whose outside was set to 0."""

from __future__ import annotations

from collections.abc import Mapping

from delineate.store.normalise import NORMALISERS, Array, Scheme, mean_and_std, z_score


@NORMALISERS.register("zscore_nonzero")
class ZscoreNonzero(Scheme):
    """Mean 0 and deviation 1 over the voxels that are not 0; the others stay 0, the mean of the body
    (Isensee et al., nnU-Net, Nature Methods 2021)."""

    keeps_zero = True

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        inside = channel_zyx != 0
        z_score(channel_zyx, *mean_and_std(channel_zyx[inside]))
        channel_zyx[~inside] = 0
        return channel_zyx
