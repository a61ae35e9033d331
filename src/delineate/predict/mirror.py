"""Test-time mirroring: the mean over mirrored views, only along axes that training mirrored."""

from __future__ import annotations

from itertools import combinations

from torch import Tensor

from delineate.predict.engine import Engine


class MirrorEngine:
    """An engine that answers with the mean logits over all mirrorings along ``axes`` (0 is the first spatial axis)."""

    def __init__(self, engine: Engine, axes: tuple[int, ...]) -> None:
        self._engine = engine
        self._views = [view for n in range(1, len(axes) + 1) for view in combinations(axes, n)]

    def __call__(self, windows_bcx: Tensor) -> Tensor:
        """Mean logits over the views."""
        total = self._engine(windows_bcx)
        for view in self._views:
            flips = [axis + 2 for axis in view]
            total = total + self._engine(windows_bcx.flip(flips)).flip(flips)
        return total / (1 + len(self._views))
