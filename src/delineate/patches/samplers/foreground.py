"""A stated share of patches around a labelled voxel, classes taking turns by lot; the rest uniform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, draw_anywhere, keyed_rng
from delineate.patches.guide import Guide
from delineate.patches.presence import Presence
from delineate.patches.sampler import SAMPLERS, Aim, require_cases, steps_up


@SAMPLERS.register("foreground")
class ForegroundSampler:
    """``settings.foreground`` of the draws are balanced over classes: a class, a case that has it, a voxel of it.

    The share is exact, not by chance: draw i is a foreground one where ``floor(i * share)`` steps up, so every
    batch holds its part (Isensee et al., nnU-Net, 2021, fix the foreground patches of a batch as well).
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
        self._presence = Presence(source, self._names)

    @property
    def asked(self) -> Mapping[Aim, float]:
        """The share in equal parts over the classes there are, the rest anywhere."""
        return foreground_asked(self._presence.ids, self._share)

    def sample(self, index: int, epoch: int) -> Draw:
        """A foreground draw where it is one's turn, else a uniform one; a fallback where nothing is labelled."""
        rng = keyed_rng(self._seed, epoch, index)
        if not steps_up(index, self._share):
            return draw_anywhere(self._source, self._names, self._box, rng)
        ids = self._presence.ids or (1,)
        return self._presence.draw(ids[rng.integers(len(ids))], self._box, rng)


def foreground_asked(ids: Sequence[int], share: float) -> dict[Aim, float]:
    """``share`` in equal parts over ``ids``, the rest anywhere."""
    wanted = ids or (1,)
    parts: dict[Aim, float] = {("foreground", i): share / len(wanted) for i in wanted}
    return {("uniform", None): 1 - share, **parts}
