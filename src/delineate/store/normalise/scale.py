"""Scale: pictures, whose range is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from delineate.store.normalise import NORMALISERS, Array, Scheme


@NORMALISERS.register("scale")
class Scale(Scheme):
    """0 to ``maximum`` becomes -2 to 2, about the spread of a z-scored photograph."""

    needs = positive = ("maximum",)

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        channel_zyx *= np.float32(4.0 / numbers["maximum"])
        channel_zyx -= np.float32(2.0)
        return channel_zyx
