"""`Sampler`: the rule by which patches are drawn, and the registry of such rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.core.geometry import Triple
from delineate.core.registry import Registry
from delineate.patches.draw import Draw, PatchSource


class Sampler(Protocol):
    """Draws of a training set; the same (index, epoch) gives the same draw in every process and thread."""

    def sample(self, index: int, epoch: int) -> Draw:
        """The draw of sample ``index`` of ``epoch``."""
        ...


class SamplerBuilder(Protocol):
    """How every sampler is made: the cases ``names`` of ``source``, cut in boxes of ``box`` voxels (z, y, x)."""

    def __call__(
        self, source: PatchSource, names: Sequence[str], box: Triple, settings: PatchConfig, seed: int
    ) -> Sampler: ...


SAMPLERS: Registry[SamplerBuilder] = Registry("sampler", "delineate.patches.samplers")


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
