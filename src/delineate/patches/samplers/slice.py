"""Whole slices: only the slice is drawn, never a part of the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, draw_anywhere, keyed_rng
from delineate.patches.guide import Guide
from delineate.patches.sampler import SAMPLERS, Aim, require_cases, steps_up
from delineate.patches.samplers.foreground import foreground_asked
from delineate.patches.slices import SliceIndex, whole_plane


@SAMPLERS.register("slice")
class SliceSampler:
    """``settings.foreground`` of the draws are slices that hold a class (a class, a case that has it, one of its
    slices, each equally often however much of it they hold); the rest are any slices.

    The box starts at the plane's corner, as in prediction, along every in-plane axis that it covers; along one that it
    does not cover it is placed as the other samplers do. Give ``plan.patch`` the size of a whole slice.
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
        """A slice with a class where it is one's turn, else any."""
        rng = keyed_rng(self._seed, epoch, index)
        if not steps_up(index, self._share):
            draw = draw_anywhere(self._source, self._names, self._box, rng)
        else:
            ids = self._slices.ids or (1,)
            draw = self._slices.draw(ids[rng.integers(len(ids))], self._box, rng)
        return whole_plane(draw, self._source.shape(draw.case), self._box)
