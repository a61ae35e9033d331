"""CT: Hounsfield units mean the same in every scan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from delineate.store.normalise import NORMALISERS, Array, Scheme, z_score


@NORMALISERS.register("ct")
class Ct(Scheme):
    """Clip to [``low``, ``high``], subtract ``mean``, divide by ``std``: the data set's foreground statistics
    (Isensee et al., nnU-Net, Nature Methods 2021)."""

    needs = ("low", "high", "mean", "std")
    positive = ("std",)
    rising = ("low", "high")

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        np.clip(channel_zyx, numbers["low"], numbers["high"], out=channel_zyx)
        return z_score(channel_zyx, numbers["mean"], numbers["std"])
