"""Slices and slabs along any axis: 2.5D patches, and one network that looks along three axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource
from delineate.patches.guide import CaseMaps, Guide
from delineate.patches.sampler import Aim, Sampler
from delineate.store.likelihood import BlockMap

ORDERS: tuple[Triple, ...] = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
"""For each axis the order that puts it first and keeps the others as they were."""
_SEED_STEP = 7919


def turned(source: PatchSource, axis: int) -> PatchSource:
    """The same cases with ``axis`` first."""
    return source if axis == 0 else _Turned(source, ORDERS[axis])


@dataclass(frozen=True)
class _Turned:
    source: PatchSource
    order: Triple

    @property
    def names(self) -> tuple[str, ...]:
        return self.source.names

    @property
    def channels(self) -> int:
        return self.source.channels

    @property
    def label_dtype(self) -> np.dtype[Any]:
        return self.source.label_dtype

    def shape(self, name: str) -> Triple:
        return _permuted(self.source.shape(name), self.order)

    def foreground(self, name: str) -> Mapping[int, NDArray[np.int32]]:
        return {i: voxels[:, list(self.order)] for i, voxels in self.source.foreground(name).items()}

    def read_box(self, name: str, start: Triple, shape: Triple) -> tuple[NDArray[np.float32], NDArray[Any]]:
        back = _permuted((0, 1, 2), _inverse(self.order))
        image, label = self.source.read_box(name, _permuted(start, back), _permuted(shape, back))
        return image.transpose(0, *(a + 1 for a in self.order)), label.transpose(self.order)

    def read_into(self, name: str, start: Triple, image: NDArray[np.float32], label: NDArray[Any]) -> None:
        back = _permuted((0, 1, 2), _inverse(self.order))
        self.source.read_into(
            name, _permuted(start, back), image.transpose(0, *(a + 1 for a in back)), label.transpose(back)
        )


class PlaneSampler:
    """Draws along several axes in turn, by a sampler of each axis's own."""

    def __init__(self, samplers: Mapping[int, Sampler]) -> None:
        self._samplers = tuple(samplers.items())

    @property
    def asked(self) -> Mapping[Aim, float]:
        """The mean over the axes."""
        shares: dict[Aim, float] = {}
        for _, sampler in self._samplers:
            for aim, share in sampler.asked.items():
                shares[aim] = shares.get(aim, 0.0) + share / len(self._samplers)
        return shares

    def sample(self, index: int, epoch: int) -> Draw:
        """The draw of the axis whose turn it is."""
        axis, sampler = self._samplers[index % len(self._samplers)]
        return replace(sampler.sample(index // len(self._samplers), epoch), axis=axis)


def turned_guide(guide: Guide, axis: int, planes: int) -> Guide:
    """The guide of a sampler that draws along ``axis``, one of ``planes`` that take turns."""
    if axis == 0 and planes == 1:
        return guide

    def turn(maps: CaseMaps | None) -> CaseMaps | None:
        return None if maps is None else _TurnedMaps(maps, ORDERS[axis], planes)

    return replace(guide, weights=turn(guide.weights), mistakes=turn(guide.mistakes))


@dataclass(frozen=True)
class _TurnedMaps:
    maps: CaseMaps
    order: Triple
    planes: int

    def get(self, name: str, index: int) -> BlockMap | None:
        found = self.maps.get(name, index * self.planes)
        return None if found is None else replace(found, order=self.order)

    def names(self, index: int) -> tuple[str, ...]:
        return self.maps.names(index * self.planes)


def plane_seed(seed: int, axis: int) -> int:
    """A seed for each axis: with one for all, the axes would look at the same places."""
    return seed + _SEED_STEP * axis


def read_slab(
    source: PatchSource, name: str, start: Triple, box: Triple, slices: int
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Image ``[c, slices, y, x]`` and label around the slice at ``start``; beyond its ends the volume's last slice
    goes on, since a slice of zeros would tell the network where it is."""
    first, depth = start[0] - slices // 2, source.shape(name)[0]
    wanted = np.clip(np.arange(first, first + slices), 0, depth - 1)
    low, high = int(wanted[0]), int(wanted[-1])
    image, label = source.read_box(name, (low, *start[1:]), (high - low + 1, *box[1:]))
    return image[:, wanted - low], label[wanted - low]


def slab_of(image_czyx: Any, z: int, slices: int) -> Any:
    """The same for a whole image ``[c, z, y, x]``: ``[c * slices, y, x]``, channels outermost."""
    wanted = np.clip(np.arange(z - slices // 2, z + slices // 2 + 1), 0, image_czyx.shape[1] - 1)
    return image_czyx[:, wanted].reshape(-1, *image_czyx.shape[2:])


def _permuted(values: Sequence[int], order: Sequence[int]) -> Triple:
    a, b, c = (values[i] for i in order)
    return a, b, c


def _inverse(order: Triple) -> Triple:
    a, b, c = (order.index(i) for i in range(3))
    return a, b, c
