"""Slabs: the full plane and just enough slices for a whole lesion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from delineate.core.geometry import Triple
from delineate.patches.draw import Draw
from delineate.patches.sampler import SAMPLERS
from delineate.patches.samplers.foreground import ForegroundSampler
from delineate.patches.slices import SliceIndex, whole_plane


@SAMPLERS.register("slab")
class SlabSampler(ForegroundSampler):
    """``settings.foreground`` of the draws are slabs around a lesion: a class, a case that has it, one of its lesions
    (a run of slices that hold the class), then a slab that holds the run whole. The rest lie anywhere.

    A slab is as thick as the patch, for all patches of a batch must be of one size: give ``plan.patch`` the size of a
    whole slice and, first, the slices of a lesion; the report tells how many lesions fit, and how many slices would
    hold 95 % of them. A thicker lesion gives slabs that lie within it. In the plane the box lies as `slice` places it.
    """

    def _classes(self) -> tuple[tuple[int, ...], Callable[[int, Triple, np.random.Generator], Draw]]:
        index = SliceIndex(self._source, self._names)
        return index.ids, index.draw_run

    def sample(self, index: int, epoch: int) -> Draw:
        """A slab around a lesion where it is one's turn, else any."""
        draw = super().sample(index, epoch)
        return whole_plane(draw, self._source.shape(draw.case), self._box)
