"""A stated share of patches around a labelled voxel, classes taking turns by lot; the rest uniform."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from delineate.config import PatchConfig
from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, keyed_rng, start_around, uniform_start
from delineate.patches.sampler import SAMPLERS, require_cases


@SAMPLERS.register("foreground")
class ForegroundSampler:
    """``settings.foreground`` of the draws are balanced over classes: a class, a case that has it, a voxel of it.

    The share is exact, not by chance: draw i is a foreground one where ``floor(i * share)`` steps up, so every
    batch holds its part (Isensee et al., nnU-Net, 2021, fix the foreground patches of a batch as well).
    """

    def __init__(
        self, source: PatchSource, names: Sequence[str], box: Triple, settings: PatchConfig, seed: int
    ) -> None:
        self._source = source
        self._names = require_cases(names)
        self._box = box
        self._share = settings.foreground
        self._seed = seed
        self._cases_of = _cases_by_class(source, self._names)
        self._ids = tuple(self._cases_of)

    def sample(self, index: int, epoch: int) -> Draw:
        """A foreground draw where it is one's turn and the training set has any foreground, else a uniform one."""
        rng = keyed_rng(self._seed, epoch, index)
        if self._ids and floor((index + 1) * self._share) > floor(index * self._share):
            class_id = self._ids[rng.integers(len(self._ids))]
            cases = self._cases_of[class_id]
            name = cases[rng.integers(len(cases))]
            voxels = self._source.foreground(name)[class_id]
            voxel = voxels[rng.integers(len(voxels))].tolist()
            return Draw(name, start_around(voxel, self._source.shape(name), self._box, rng), "foreground", class_id)
        name = self._names[rng.integers(len(self._names))]
        return Draw(name, uniform_start(self._source.shape(name), self._box, rng), "uniform")


def _cases_by_class(source: PatchSource, names: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The cases that hold each id, ids ascending; background is no class."""
    found: dict[int, list[str]] = {}
    for name in names:
        for class_id, voxels in source.foreground(name).items():
            if class_id > 0 and len(voxels):
                found.setdefault(int(class_id), []).append(name)
    return {class_id: tuple(found[class_id]) for class_id in sorted(found)}
