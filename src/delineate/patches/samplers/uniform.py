"""Uniform over cases, then over places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, draw_anywhere, keyed_rng
from delineate.patches.guide import Guide
from delineate.patches.sampler import SAMPLERS, Aim, require_cases


@SAMPLERS.register("uniform")
class UniformSampler:
    """Every case equally often whatever its size, every place of it equally often."""

    def __init__(
        self, source: PatchSource, names: Sequence[str], box: Triple, settings: PatchConfig, seed: int,
        guide: Guide | None = None,
    ) -> None:  # fmt: skip
        self._source = source
        self._names = require_cases(names)
        self._box = box
        self._seed = seed

    @property
    def asked(self) -> Mapping[Aim, float]:
        """All of it anywhere."""
        return {("uniform", None): 1.0}

    def sample(self, index: int, epoch: int) -> Draw:
        """A case, then a start."""
        return draw_anywhere(self._source, self._names, self._box, keyed_rng(self._seed, epoch, index))
