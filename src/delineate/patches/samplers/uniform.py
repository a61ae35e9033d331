"""Uniform over cases, then over places."""

from __future__ import annotations

from collections.abc import Mapping

from delineate.patches.draw import Draw
from delineate.patches.sampler import SAMPLERS, Aim, CaseSampler


@SAMPLERS.register("uniform")
class UniformSampler(CaseSampler):
    """Every case equally often whatever its size, every place of it equally often."""

    @property
    def asked(self) -> Mapping[Aim, float]:
        """All of it anywhere."""
        return {("uniform", None): 1.0}

    def sample(self, index: int, epoch: int) -> Draw:
        """A case, then a start."""
        return self._anywhere(self._rng(index, epoch))
