"""Whole slices: only the slice is drawn, never a part of the plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from delineate.core.geometry import Triple
from delineate.patches.draw import Draw
from delineate.patches.sampler import SAMPLERS
from delineate.patches.samplers.foreground import ForegroundSampler
from delineate.patches.slices import SliceIndex, whole_plane


@SAMPLERS.register("slice")
class SliceSampler(ForegroundSampler):
    """``settings.foreground`` of the draws are slices that hold a class (a class, a case that has it, one of its
    slices, each equally often however much of it they hold); the rest are any slices.

    The box starts at the plane's corner, as in prediction, along every in-plane axis that it covers; along one that it
    does not cover it is placed as the other samplers do. Give ``plan.patch`` the size of a whole slice.
    """

    def _classes(self) -> tuple[tuple[int, ...], Callable[[int, Triple, np.random.Generator], Draw]]:
        index = SliceIndex(self._source, self._names)
        return index.ids, index.draw

    def sample(self, index: int, epoch: int) -> Draw:
        """A slice with a class where it is one's turn, else any."""
        draw = super().sample(index, epoch)
        return whole_plane(draw, self._source.shape(draw.case), self._box)
