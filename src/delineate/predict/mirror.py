"""Test-time mirroring: the mean over mirrored views, only along axes that training mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from torch import Tensor

from delineate.predict.engine import Engine


class MirrorEngine:
    """An engine that answers with the mean logits over all mirrorings along ``axes`` (0 is the first spatial axis).

    A view mirrored along ``side_axis`` shows left as right, so the channels of ``swaps`` are exchanged in its answer.
    """

    def __init__(
        self,
        engine: Engine,
        axes: tuple[int, ...],
        side_axis: int | None = None,
        swaps: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._engine = engine
        self._views = [view for n in range(1, len(axes) + 1) for view in combinations(axes, n)]
        self._side_axis, self._swaps = side_axis, tuple(swaps)

    def __call__(self, windows_bcx: Tensor) -> Tensor:
        """Mean logits over the views."""
        total = self._engine(windows_bcx)
        for view in self._views:
            flips = [axis + 2 for axis in view]
            answer = self._engine(windows_bcx.flip(flips)).flip(flips)
            total = total + (self._exchanged(answer) if self._side_axis in view else answer)
        return total / (1 + len(self._views))

    def _exchanged(self, logits_bkx: Tensor) -> Tensor:
        channels = list(range(logits_bkx.shape[1]))
        for a, b in self._swaps:
            channels[a], channels[b] = b, a
        return logits_bkx[:, channels] if self._swaps else logits_bkx
