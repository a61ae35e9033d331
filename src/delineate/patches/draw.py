"""`Draw`: where one training patch is cut; decided from (seed, epoch, index) alone, so workers change nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import UsageError
from delineate.core.geometry import Triple

Kind = Literal["uniform", "foreground", "background", "weighted", "hard", "grid", "fallback"]
"""Why a box was drawn; a fallback is a uniform one because nothing of what was asked for is in the training set."""


class PatchSource(Protocol):
    """What patches are cut from; the store is one.

    ``foreground`` holds sampled voxels ``[n, 3]`` (int32, z y x) of each id; ``read_box`` gives the image float32
    ``[c, *shape]`` and the label ids ``[*shape]`` of a box that may stick out of the volume on any side, and
    ``read_into`` puts the same into arrays that are there already. ``label_dtype`` is the type of all ids.
    """

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def channels(self) -> int: ...
    @property
    def label_dtype(self) -> np.dtype[Any]: ...
    def shape(self, name: str) -> Triple: ...
    def foreground(self, name: str) -> Mapping[int, NDArray[np.int32]]: ...
    def read_box(self, name: str, start: Triple, shape: Triple) -> tuple[NDArray[np.float32], NDArray[Any]]: ...
    def read_into(self, name: str, start: Triple, image: NDArray[np.float32], label: NDArray[Any]) -> None: ...


@dataclass(frozen=True)
class Draw:
    """A box of a case: ``start`` (z, y, x) in prepared voxels, possibly negative or reaching over the end.

    ``class_id`` is the id the box was drawn for, None where it was drawn for none. ``axis`` is the prepared axis that
    comes first in the box and in ``start``: 0 unless slices are cut along several axes.
    """

    case: str
    start: Triple
    kind: Kind
    class_id: int | None = None
    axis: int = 0


def keyed_rng(seed: int, epoch: int, index: int, *stream: int) -> np.random.Generator:
    """The generator of one sample; ``stream`` separates its independent uses (place, each augmentation)."""
    return np.random.default_rng(np.random.SeedSequence([seed, epoch, index], spawn_key=stream))


def box_of(patch: Sequence[int]) -> Triple:
    """A patch of two or three numbers as a 3D box; a 2D patch is one slice.

    Raises:
        UsageError: another number of axes, or an axis without voxels.
    """
    if len(patch) not in (2, 3) or min(patch) < 1:
        raise UsageError(f"{tuple(patch)} is not a patch", "two or three numbers above zero", "correct plan.patch")
    depth, height, width = (1, *patch) if len(patch) == 2 else patch
    return int(depth), int(height), int(width)


def start_bounds(shape: Triple, box: Triple) -> tuple[Triple, Triple]:
    """The lowest and highest start per axis, both included.

    A box may stick out by an eighth of its size, so that voxels at the border are seen nearly as often as others and
    not only at the rim of a patch; a volume smaller than the box may lie anywhere in it.
    """
    low = [min(-(p // 8), n - p) for n, p in zip(shape, box, strict=True)]
    high = [max(n - p + p // 8, 0) for n, p in zip(shape, box, strict=True)]
    return _triple(low), _triple(high)


def uniform_start(shape: Triple, box: Triple, rng: np.random.Generator) -> Triple:
    """A start drawn uniformly among all allowed ones."""
    low, high = start_bounds(shape, box)
    return _triple(rng.integers(low, high, endpoint=True))


def start_around(voxel: Sequence[int], shape: Triple, box: Triple, rng: np.random.Generator) -> Triple:
    """A start whose box contains ``voxel``, somewhere in the middle half of each axis unless the border forbids it.

    Not always the very centre: a network that only ever saw lesions there would learn the place.
    """
    low, high = start_bounds(shape, box)
    size = np.asarray(box)
    offset = rng.integers(size // 4, size - 1 - size // 4, endpoint=True)
    return _triple(np.clip(np.asarray(voxel) - offset, low, high))


def draw_anywhere(
    source: PatchSource, names: tuple[str, ...], box: Triple, rng: np.random.Generator, class_id: int | None = None
) -> Draw:
    """A case, then a start, both uniformly; with a ``class_id`` the fallback for a class that is nowhere."""
    name = names[rng.integers(len(names))]
    kind: Kind = "uniform" if class_id is None else "fallback"
    return Draw(name, uniform_start(source.shape(name), box, rng), kind, class_id)


def _triple(values: Any) -> Triple:
    z, y, x = (int(v) for v in values)
    return z, y, x
