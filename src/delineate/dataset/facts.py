"""What one look at the files of a case tells: gathered once, used by every check and by the fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Geometry
from delineate.core.record import Record
from delineate.dataset.crop import Box
from delineate.dataset.place import Misplacement


class Trouble(Record):
    """A file that could not be used: the error it raised, as text. ``role`` is "image" or "label"."""

    path: Path
    role: str
    code: str
    what: str
    expected: str
    fix: str


class FileHead(Record):
    """The header of one file. ``kind`` is "scan" or "picture"; ``channels`` is how many the file holds."""

    path: Path
    geometry: Geometry
    channels: int
    dtype: str
    kind: str


class CaseHead(Record):
    """The headers of a case; files whose header is unreadable are among the ``troubles`` instead."""

    name: str
    images: tuple[FileHead, ...]
    label: FileHead | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def grid(self) -> Geometry | None:
        """The grid of the first readable channel."""
        return self.images[0].geometry if self.images else None

    @property
    def channels(self) -> int:
        """How many channels the readable files hold together."""
        return sum(i.channels for i in self.images)


class ChannelFacts(Record):
    """The voxels of one channel. ``odd_voxels`` counts NaN and infinity; minimum and maximum leave them out.
    ``landmarks`` are percentiles of the body (`dataset.landmarks`)."""

    minimum: float
    maximum: float
    odd_voxels: int
    zero_fraction: float
    whole_numbers: bool
    landmarks: tuple[float, ...] = ()


class LabelFacts(Record):
    """The voxels of one mask: how many hold each value. ``greys`` are the values of anti-aliased borders."""

    values: tuple[int, ...]
    voxels: tuple[int, ...]
    greys: tuple[int, ...] = ()
    misplacement: Misplacement | None = None

    def count(self, value: int) -> int:
        """Voxels that hold ``value``."""
        return dict(zip(self.values, self.voxels, strict=True)).get(value, 0)

    @property
    def foreground(self) -> int:
        """Voxels of any value above zero."""
        return sum(n for v, n in zip(self.values, self.voxels, strict=True) if v > 0)


@dataclass(frozen=True, eq=False)
class CaseDetail:
    """What only a page about the data shows: ``background_cn`` float32, intensities outside the foreground, all
    channels at the same places; ``parts`` counts the connected parts of unions of label values."""

    background_cn: NDArray[np.float32]
    parts: Mapping[tuple[int, ...], int]


@dataclass(frozen=True, eq=False)
class CaseFacts:
    """A case in numbers.

    ``box`` is the body in canonical orientation; ``sample_cn`` float32 holds intensities of foreground voxels (of
    the body where nothing is marked), all channels at the same places; ``voxel_hash`` of the voxels and ``content``
    of the files' bytes. ``channels`` is empty if an image could not be read. ``detail`` is taken on request.
    ``thumbnail`` is a small picture of the first channel (`dataset.likeness`), empty where there is none.
    """

    head: CaseHead
    channels: tuple[ChannelFacts, ...]
    label: LabelFacts | None
    troubles: tuple[Trouble, ...]
    box: Box
    sample_cn: NDArray[np.float32]
    voxel_hash: str
    content: str
    detail: CaseDetail | None = None
    thumbnail: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 0), np.uint8))

    @property
    def name(self) -> str:
        return self.head.name


def no_sample() -> NDArray[Any]:
    """The sample of a case whose images could not be read."""
    return np.zeros((0, 0), np.float32)
