"""More where the last validation was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

import numpy as np

from delineate.config import PatchConfig
from delineate.patches.draw import Draw, start_around
from delineate.patches.guide import Guide
from delineate.patches.presence import Presence
from delineate.patches.sampler import SAMPLERS, Aim, CaseSampler, steps_up
from delineate.patches.samplers.foreground import foreground_asked


@SAMPLERS.register("hard")
class HardSampler(CaseSampler):
    """``settings.hard`` of the draws go where the network was wrong, ``settings.foreground`` around labelled voxels
    (less if the two exceed 1), the rest anywhere.

    After each validation the averaged network answers for a few training cases and the wrong voxels of each block are
    counted; a hard draw takes one of these cases, then a voxel by the counts. Until there is such a map, and where
    the network made no mistake, hard draws are foreground draws. (Online hard example mining, Shrivastava et al.,
    CVPR 2016, at the scale of blocks.)
    """

    def _begin(self, settings: PatchConfig, guide: Guide) -> None:
        self._hard = settings.hard
        self._foreground = min(settings.foreground, 1 - settings.hard)
        self._presence = Presence(self._source, self._names)
        self._maps = guide.mistakes

    @property
    def asked(self) -> Mapping[Aim, float]:
        """The hard share, then the foreground sampler's."""
        rest = foreground_asked(self._presence.ids, self._foreground)
        rest["uniform", None] -= self._hard
        return {("hard", None): self._hard, **rest}

    def sample(self, index: int, epoch: int) -> Draw:
        """A hard, a foreground or a uniform draw, each when it is its turn."""
        rng = self._rng(index, epoch)
        turn = _turn(index, self._hard, self._foreground)
        if turn == "uniform":
            return self._anywhere(rng)
        found = self._mistake(index, rng) if turn == "hard" else None
        if found is not None:
            return found
        ids = self._presence.ids or (1,)
        return self._presence.draw(ids[rng.integers(len(ids))], self._box, rng)

    def _mistake(self, index: int, rng: np.random.Generator) -> Draw | None:
        """A box around a place where the network was wrong; None as long as none is known."""
        names = () if self._maps is None else self._maps.names(index)
        if not names:
            return None
        name = names[rng.integers(len(names))]
        found = None if self._maps is None else self._maps.get(name, index)
        if found is None:
            return None
        return Draw(name, start_around(found.voxel(rng), self._source.shape(name), self._box, rng), "hard")


def _turn(index: int, hard: float, foreground: float) -> str:
    """Hard and foreground together take turns as one share, and the hard ones within it: both shares are exact."""
    both = hard + foreground
    if not steps_up(index, both):
        return "uniform"
    return "hard" if steps_up(floor(index * both), hard / both) else "foreground"
