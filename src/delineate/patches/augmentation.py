"""`Augmentation`: how patches are varied. Decide first (plain data, keyed), then do (tensors, on the device)."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Protocol, Self

import numpy as np
import torch

from delineate.config import PatchConfig
from delineate.core.record import Record
from delineate.core.registry import Registry
from delineate.patches.batch import Batch, Decision
from delineate.patches.draw import keyed_rng
from delineate.patches.strength import Strength, strength_of
from delineate.plan.plan import Plan, Stage

_KINDS = {"ct": "ct", "window": "ct", "scale": "picture"}
"""What the names of normalisers tell of a channel."""


class AugmentSettings(Record):
    """What decisions depend on: the person's knobs, the strength the plan chose and what it knows of the patch.

    ``mirror_axes`` are spatial axes of the patch (0 is the first); ``spacing_mm`` has one number per spatial axis;
    ``anisotropic`` keeps three-dimensional patches from being mixed across slices; only the first ``channels``
    channels of an image are intensities, of the ``kinds`` ct, picture or other (all other where not told). When
    ``side_axis`` is flipped, the ids of ``mirror_swaps`` change places.
    """

    knobs: PatchConfig = PatchConfig()
    planned: str = "standard"
    dims: int
    channels: int = 1
    mirror_axes: tuple[int, ...] = ()
    spacing_mm: tuple[float, ...]
    anisotropic: bool = False
    kinds: tuple[str, ...] = ()
    side_axis: int | None = None
    mirror_swaps: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_plan(cls, knobs: PatchConfig, plan: Plan, stage: Stage) -> Self:
        """The settings of one stage of a plan. Slabs of slices are varied as volumes whose slices stay together."""
        slab = plan.slices > 1
        dims = 3 if slab else plan.dims
        return cls(
            knobs=knobs,
            planned=plan.strength,
            dims=dims,
            channels=len(plan.channels),
            mirror_axes=tuple(a + 1 for a in plan.mirror_axes) if slab else plan.mirror_axes,
            spacing_mm=stage.spacing_mm[-dims:],
            anisotropic=plan.anisotropic or slab,
            kinds=tuple(_KINDS.get(n.name, "other") for n in plan.normalisers),
            side_axis=None if plan.side_axis is None else plan.side_axis + (1 if slab else 0),
            mirror_swaps=plan.mirror_swaps,
        )

    @property
    def strength(self) -> Strength:
        """The shares that hold: the named strength's, or the person's own."""
        return strength_of(self.knobs, self.planned)

    def channels_of(self, kind: str) -> tuple[int, ...]:
        """The intensity channels of a kind."""
        kinds = self.kinds or ("other",) * self.channels
        return tuple(i for i, each in enumerate(kinds) if each == kind)

    @property
    def free_axes(self) -> tuple[int, ...]:
        """The spatial axes that may be mixed with one another: all, or in-plane only."""
        return tuple(range(self.dims))[1 if self.anisotropic and self.dims == 3 else 0 :]


class Augmentation(Protocol):
    """One way to vary a patch. ``order`` places it among the others; equal ones go by name.

    ``decide`` returns frozen plain data, or None to leave the sample alone. ``apply`` may write into its tensors
    (image ``[b, c, *x]``, label ``[b, *x]``); ``params`` has one entry per sample, None for those to leave alone, and
    a sample's result must not depend on its neighbours in the batch.
    """

    order: int

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> Any | None: ...

    def apply(
        self, image_bcx: torch.Tensor, label_bx: torch.Tensor, params: Sequence[Any | None]
    ) -> tuple[torch.Tensor, torch.Tensor]: ...


AUGMENTATIONS: Registry[type[Augmentation]] = Registry("augmentation", "delineate.patches.augment")


def decide_augment(settings: AugmentSettings, seed: int, epoch: int, index: int) -> Decision:
    """What happens to one sample. Each augmentation has its own stream, so a further plug-in changes no other's."""
    decided = {
        name: each.decide(keyed_rng(seed, epoch, index, 1, zlib.crc32(name.encode())), settings)
        for name, each in _ordered()
    }
    return Decision({name: params for name, params in decided.items() if params is not None})


def augment(batch: Batch) -> Batch:
    """Do what was decided, in the fixed order, on the batch's device; the given tensors are left as they are."""
    if not any(decision.params for decision in batch.decisions):
        return replace(batch, decisions=())
    image, label = batch.image_bcx.clone(), batch.label_bx.clone()
    with torch.no_grad():
        for name, each in _ordered():
            params = [decision.params.get(name) for decision in batch.decisions]
            if any(p is not None for p in params):
                image, label = each.apply(image, label, params)
    return replace(batch, image_bcx=image, label_bx=label, decisions=())


def count_applied(decisions: Iterable[Decision]) -> dict[str, int]:
    """How many samples each augmentation was decided for, every registered name present."""
    counts = Counter(name for decision in decisions for name in decision.params)
    return {name: counts[name] for name, _ in _ordered()}


@cache
def _ordered() -> tuple[tuple[str, Augmentation], ...]:
    made = [(name, AUGMENTATIONS[name]()) for name in AUGMENTATIONS]
    return tuple(sorted(made, key=lambda pair: (pair[1].order, pair[0])))
