"""`Sampler`: the rule by which patches are drawn, and the registry of such rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import floor
from typing import Protocol

import numpy as np

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.core.geometry import Triple
from delineate.core.registry import Registry
from delineate.patches.draw import Draw, Kind, PatchSource, draw_anywhere, keyed_rng
from delineate.patches.guide import Guide

Aim = tuple[Kind, int | None]
"""What a draw is for: the kind, and the class id where it is for a class."""


class Sampler(Protocol):
    """Draws of a training set; the same (index, epoch) gives the same draw in every process and thread.

    ``asked`` holds the share of the draws that each aim should get; shares sum to 1.
    """

    @property
    def asked(self) -> Mapping[Aim, float]: ...

    def sample(self, index: int, epoch: int) -> Draw:
        """The draw of sample ``index`` of ``epoch``."""
        ...


class SamplerBuilder(Protocol):
    """How every sampler is made: the cases ``names`` of ``source``, cut in boxes of ``box`` voxels (z, y, x)."""

    def __call__(
        self,
        source: PatchSource,
        names: Sequence[str],
        box: Triple,
        settings: PatchConfig,
        seed: int,
        guide: Guide = Guide(),  # noqa: B008 - frozen
    ) -> Sampler: ...


SAMPLERS: Registry[SamplerBuilder] = Registry("sampler", "delineate.patches.samplers")


class CaseSampler(ABC):
    """What most samplers are made of: the cases, the box, the seed. ``_begin`` prepares what a kind needs besides."""

    def __init__(
        self, source: PatchSource, names: Sequence[str], box: Triple, settings: PatchConfig, seed: int,
        guide: Guide | None = None,
    ) -> None:  # fmt: skip
        self._source = source
        self._names = require_cases(names)
        self._box = box
        self._seed = seed
        self._begin(settings, guide or Guide())

    @property
    @abstractmethod
    def asked(self) -> Mapping[Aim, float]:
        """The share of the draws that each aim should get."""

    @abstractmethod
    def sample(self, index: int, epoch: int) -> Draw:
        """The draw of sample ``index`` of ``epoch``."""

    def _begin(self, settings: PatchConfig, guide: Guide) -> None:  # noqa: B027 - a kind may need nothing
        """Called once, when the cases are known."""

    def _rng(self, index: int, epoch: int) -> np.random.Generator:
        return keyed_rng(self._seed, epoch, index)

    def _anywhere(self, rng: np.random.Generator) -> Draw:
        return draw_anywhere(self._source, self._names, self._box, rng)


def require_cases(names: Sequence[str]) -> tuple[str, ...]:
    """The names as a tuple.

    Raises:
        UsageError: there are none.
    """
    if not names:
        raise UsageError(
            "no case to draw patches from", "at least one training case", "add cases to the training split"
        )
    return tuple(names)


def steps_up(index: int, share: float) -> bool:
    """Whether it is the turn of a kind with this share of the draws: exact over any stretch of them, not by chance."""
    return floor((index + 1) * share) > floor(index * share)
