"""A stated share of patches around a labelled voxel, classes taking turns by lot; the rest uniform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw
from delineate.patches.guide import Guide
from delineate.patches.presence import Presence
from delineate.patches.sampler import SAMPLERS, Aim, CaseSampler, steps_up


@SAMPLERS.register("foreground")
class ForegroundSampler(CaseSampler):
    """``settings.foreground`` of the draws are balanced over classes: a class, a case that has it, a voxel of it.

    The share is exact, not by chance: draw i is a foreground one where ``floor(i * share)`` steps up, so every
    batch holds its part (Isensee et al., nnU-Net, 2021, fix the foreground patches of a batch as well).
    """

    def _begin(self, settings: PatchConfig, guide: Guide) -> None:
        self._share = settings.foreground
        self._ids, self._draw_class = self._classes()

    def _classes(self) -> tuple[tuple[int, ...], Callable[[int, Triple, np.random.Generator], Draw]]:
        """The ids there are, and how a box is drawn for one of them."""
        presence = Presence(self._source, self._names)
        return presence.ids, presence.draw

    @property
    def asked(self) -> Mapping[Aim, float]:
        """The share in equal parts over the classes there are, the rest anywhere."""
        return foreground_asked(self._ids, self._share)

    def sample(self, index: int, epoch: int) -> Draw:
        """A foreground draw where it is one's turn, else a uniform one; a fallback where nothing is labelled."""
        rng = self._rng(index, epoch)
        if not steps_up(index, self._share):
            return self._anywhere(rng)
        ids = self._ids or (1,)
        return self._draw_class(ids[rng.integers(len(ids))], self._box, rng)


def foreground_asked(ids: Sequence[int], share: float) -> dict[Aim, float]:
    """``share`` in equal parts over ``ids``, the rest anywhere."""
    wanted = ids or (1,)
    parts: dict[Aim, float] = {("foreground", i): share / len(wanted) for i in wanted}
    return {("uniform", None): 1 - share, **parts}
