"""Slabs: the full plane and just enough slices for a whole lesion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, draw_anywhere, keyed_rng
from delineate.patches.guide import Guide
from delineate.patches.sampler import SAMPLERS, Aim, require_cases, steps_up
from delineate.patches.samplers.foreground import foreground_asked
from delineate.patches.slices import SliceIndex, whole_plane


@SAMPLERS.register("slab")
class SlabSampler:
    """``settings.foreground`` of the draws are slabs around a lesion: a class, a case that has it, one of its lesions
    (a run of slices that hold the class), then a slab that holds the run whole. The rest lie anywhere.

    A slab is as thick as the patch, for all patches of a batch must be of one size: give ``plan.patch`` the size of a
    whole slice and, first, the slices of a lesion; the report tells how many lesions fit, and how many slices would
    hold 95 % of them. A thicker lesion gives slabs that lie within it. In the plane the box lies as `slice` places it.
    """

    def __init__(
        self, source: PatchSource, names: Sequence[str], box: Triple, settings: PatchConfig, seed: int,
        guide: Guide | None = None,
    ) -> None:  # fmt: skip
        self._source = source
        self._names = require_cases(names)
        self._box = box
        self._share = settings.foreground
        self._seed = seed
        self._slices = SliceIndex(source, self._names)

    @property
    def asked(self) -> Mapping[Aim, float]:
        """The share in equal parts over the classes there are, the rest anywhere."""
        return foreground_asked(self._slices.ids, self._share)

    def sample(self, index: int, epoch: int) -> Draw:
        """A slab around a lesion where it is one's turn, else any."""
        rng = keyed_rng(self._seed, epoch, index)
        if not steps_up(index, self._share):
            draw = draw_anywhere(self._source, self._names, self._box, rng)
        else:
            ids = self._slices.ids or (1,)
            draw = self._slices.draw_run(ids[rng.integers(len(ids))], self._box, rng)
        return whole_plane(draw, self._source.shape(draw.case), self._box)
