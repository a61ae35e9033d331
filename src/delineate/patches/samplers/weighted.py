"""By a probability map that a person gives for each case."""

from __future__ import annotations

from collections.abc import Mapping

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.patches.draw import Draw, start_around
from delineate.patches.guide import Guide
from delineate.patches.sampler import SAMPLERS, Aim, CaseSampler


@SAMPLERS.register("weighted")
class WeightedSampler(CaseSampler):
    """Boxes around voxels drawn by the maps of ``settings.weights``, every case equally often.

    A voxel of twice the value is twice as likely, in blocks of 8 voxels within which the value is averaged
    (`store.likelihood`). Where a map is 0 no patch is centred; patches around its neighbours may reach there.
    """

    def _begin(self, settings: PatchConfig, guide: Guide) -> None:
        if guide.weights is None:
            raise UsageError(
                "the sampler 'weighted' has no probability maps",
                "a folder with one map per case, named like the case and on its grid",
                "name the folder: --set patches.weights=FOLDER",
            )
        self._maps = guide.weights

    @property
    def asked(self) -> Mapping[Aim, float]:
        """All of it by the maps."""
        return {("weighted", None): 1.0}

    def sample(self, index: int, epoch: int) -> Draw:
        """A case, then a voxel by its map."""
        rng = self._rng(index, epoch)
        name = self._names[rng.integers(len(self._names))]
        found = self._maps.get(name, index)
        if found is None:
            raise UsageError(f"case {name} has no probability map", "one for every training case", "add the map")
        return Draw(name, start_around(found.voxel(rng), self._source.shape(name), self._box, rng), "weighted")
