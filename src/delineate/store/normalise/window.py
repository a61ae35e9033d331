"""Window: CT as a radiologist looks at it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from delineate.store.normalise import NORMALISERS, Array, Scheme


@NORMALISERS.register("window")
class Window(Scheme):
    """Black to white of a CT window becomes -2 to 2, about the spread of a z-scored scan; beyond is clipped.

    By the convention of radiology a window is its ``level`` (centre) and ``width`` in HU: black is level - width / 2,
    white level + width / 2. Presets by name (lung, liver, bone, brain, soft_tissue) are in `plan.windows`.
    """

    needs = ("level", "width")
    positive = ("width",)

    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        level, width = numbers["level"], numbers["width"]
        np.clip(channel_zyx, level - width / 2, level + width / 2, out=channel_zyx)
        channel_zyx -= np.float32(level)
        channel_zyx *= np.float32(4.0 / width)
        return channel_zyx
