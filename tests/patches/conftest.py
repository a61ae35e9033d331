from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass
class MemorySource:
    """Labels in memory; the image is each voxel's place, so that what was cut can be told from what came out."""

    labels: dict[str, NDArray[Any]]
    broken: frozenset[str] = field(default_factory=frozenset)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.labels)

    def shape(self, name: str) -> tuple[int, int, int]:
        return self.labels[name].shape

    def foreground(self, name: str) -> Mapping[int, NDArray[np.int32]]:
        label = self.labels[name]
        return {int(i): np.argwhere(label == i).astype(np.int32) for i in np.unique(label) if i}

    channels = 1

    @property
    def label_dtype(self) -> np.dtype[Any]:
        return next(iter(self.labels.values())).dtype

    def read_into(self, name, start, image, label):
        image[...], label[...] = self.read_box(name, start, label.shape)

    def read_box(self, name, start, shape):
        if name in self.broken:
            raise OSError("disk on fire")
        grid = np.stack(np.meshgrid(*[s + np.arange(n) for s, n in zip(start, shape, strict=True)], indexing="ij"))
        inside = np.ones(shape, bool)
        for axis, n in enumerate(self.shape(name)):
            inside &= (grid[axis] >= 0) & (grid[axis] < n)
        label = np.zeros(shape, self.labels[name].dtype)
        label[inside] = self.labels[name][tuple(grid[:, inside])]
        return (np.ravel_multi_index(np.abs(grid), (999, 999, 999)) * inside)[None].astype(np.float32), label


@pytest.fixture
def memory_source():
    return MemorySource


@pytest.fixture
def source():
    """Three cases: ids 1 and 2 in a, a single voxel of id 2 in the far corner of b, nothing in c."""
    a = np.zeros((12, 14, 16), np.uint8)
    a[2:8, 3:9, 4:10] = 1
    a[9, 9, 9] = 2
    b = np.zeros((5, 20, 18), np.uint8)
    b[-1, -1, -1] = 2
    return MemorySource({"a": a, "b": b, "c": np.zeros((8, 8, 8), np.uint8)})
