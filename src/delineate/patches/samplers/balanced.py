"""Every class equally often, the background among them, or in stated shares."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import numpy as np

from delineate.config import PatchConfig
from delineate.core.errors import ConfigError
from delineate.patches.draw import Draw
from delineate.patches.guide import Guide
from delineate.patches.presence import Background, Presence
from delineate.patches.sampler import SAMPLERS, Aim, CaseSampler


@SAMPLERS.register("balanced")
class BalancedSampler(CaseSampler):
    """Boxes around a voxel of a class drawn by its share; the background is a class like any other.

    Shares are equal over the background and the classes there are, unless ``settings.class_shares`` states some; what
    those leave goes to the classes not named, in equal parts. The share of a region is divided among its ids.
    """

    def _begin(self, settings: PatchConfig, guide: Guide) -> None:
        self._presence = Presence(self._source, self._names)
        self._background = Background(self._source, self._names)
        shares = id_shares(dict(settings.class_shares or ()), guide.class_ids, (0, *self._presence.ids))
        self._ids = tuple(shares)
        self._sums = np.cumsum(list(shares.values()))

    @property
    def asked(self) -> Mapping[Aim, float]:
        """The share of each id."""
        shares = np.diff(self._sums, prepend=0.0).tolist()
        return {("foreground" if i else "background", i): s for i, s in zip(self._ids, shares, strict=True)}

    def sample(self, index: int, epoch: int) -> Draw:
        """A class, a case that holds it, a voxel of it."""
        rng = self._rng(index, epoch)
        place = int(np.searchsorted(self._sums, rng.random() * self._sums[-1], side="right"))
        class_id = self._ids[min(place, len(self._ids) - 1)]
        if class_id == 0:
            return self._background.draw(self._box, rng)
        return self._presence.draw(class_id, self._box, rng)


def id_shares(
    stated: Mapping[str, float], class_ids: Mapping[str, tuple[int, ...]], there: Sequence[int]
) -> dict[int, float]:
    """The share of each id, summing to 1: those of ``stated`` classes, and the rest in equal parts over the other ids
    ``there``. If no class is left to take the rest, the stated shares are scaled up.

    Raises:
        ConfigError: a class that does not exist, a share below 0, or shares that sum to more than 1 or to nothing.
    """
    shares: dict[int, float] = {}
    for name, share in stated.items():
        if name not in class_ids:
            near = difflib.get_close_matches(name, class_ids, n=1)
            raise ConfigError(
                f"patches.class_shares names a class {name!r}",
                "one of " + ", ".join(class_ids),
                f"did you mean {near[0]!r}?" if near else "",
            )
        for i in class_ids[name]:
            shares[i] = shares.get(i, 0.0) + share / len(class_ids[name])
    total = sum(shares.values())
    others = [i for i in there if i not in shares]
    if min(stated.values(), default=0.0) < 0 or total > 1 + 1e-6 or (not others and not total > 0):
        told = ", ".join(f"{name} = {share:g}" for name, share in stated.items())
        raise ConfigError(
            f"patches.class_shares is {told}",
            "shares from 0 on whose sum is above 0 and at most 1",
            "state for example background = 0.2 and leave the rest to the other classes",
        )
    if others:
        shares |= {i: (1 - total) / len(others) for i in others}
    scale = sum(shares.values())
    return {i: shares[i] / scale for i in sorted(shares)}
