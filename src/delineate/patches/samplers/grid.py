"""Every place of every case once per pass."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from delineate.config import PatchConfig
from delineate.patches.draw import Draw, keyed_rng
from delineate.patches.guide import Guide
from delineate.patches.sampler import SAMPLERS, Aim, CaseSampler
from delineate.patches.tile import tile


@SAMPLERS.register("grid")
class GridSampler(CaseSampler):
    """Boxes on a regular grid that covers every case; each box once per pass, in an order shuffled anew each pass.

    Boxes touch, and overlap only as much as covers the case exactly. Larger cases have more boxes, so that every voxel
    of the data set is seen equally often, up to those overlaps.
    """

    def _begin(self, settings: PatchConfig, guide: Guide) -> None:
        counts = [int(np.prod([len(s) for s in self._starts(name)])) for name in self._names]
        self._ends = np.cumsum(counts)

    @property
    def asked(self) -> Mapping[Aim, float]:
        """All of it on the grid."""
        return {("grid", None): 1.0}

    def sample(self, index: int, epoch: int) -> Draw:
        """The next box of the pass that ``index`` lies in."""
        total = int(self._ends[-1])
        turn, place = divmod(index, total)
        number = int(_order(self._seed, epoch, turn, total)[place])
        case = int(np.searchsorted(self._ends, number, side="right"))
        starts = self._starts(self._names[case])
        inner = number - (int(self._ends[case - 1]) if case else 0)
        z, y, x = np.unravel_index(inner, [len(s) for s in starts])
        return Draw(self._names[case], (starts[0][z], starts[1][y], starts[2][x]), "grid")

    def _starts(self, name: str) -> list[list[int]]:
        """The starts along each axis."""
        pairs = zip(self._source.shape(name), self._box, strict=True)
        return [[start for (start,) in tile((n,), (p,), overlap=0.0)] for n, p in pairs]


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, turn: int, total: int) -> NDArray[np.int64]:
    """The order of a pass."""
    return keyed_rng(seed, epoch, turn, 2).permutation(total)
