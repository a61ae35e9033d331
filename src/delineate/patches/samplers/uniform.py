"""Uniform over cases, then over places."""

from __future__ import annotations

from collections.abc import Sequence

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, keyed_rng, uniform_start
from delineate.patches.sampler import SAMPLERS, require_cases


@SAMPLERS.register("uniform")
class UniformSampler:
    """Every case equally often whatever its size, every place of it equally often."""

    def __init__(
        self, source: PatchSource, names: Sequence[str], box: Triple, settings: PatchConfig, seed: int
    ) -> None:
        self._source = source
        self._names = require_cases(names)
        self._box = box
        self._seed = seed

    def sample(self, index: int, epoch: int) -> Draw:
        """A case, then a start."""
        rng = keyed_rng(self._seed, epoch, index)
        name = self._names[rng.integers(len(self._names))]
        return Draw(name, uniform_start(self._source.shape(name), self._box, rng), "uniform")
