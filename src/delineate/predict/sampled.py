"""`SampledLogits`: logits that pass through once, a regular grid of them kept to see how sure the network was."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.predict.model import Logits

MOST_VOXELS = 1 << 16
"""Kept of a case; with their channels they are all the memory this takes."""


class SampledLogits:
    """Slices as the logits ``[k, z, y, x]`` it stands before do, and keeps every nth voxel of what is read.

    ``steps`` are those n along z, y and x: as few as leave at most ``most`` voxels, larger along the longer axes.
    """

    def __init__(self, logits: Logits, most: int = MOST_VOXELS) -> None:
        self._logits = logits
        self.shape = tuple(logits.shape)
        self.steps = thin_steps(self.shape[1:], most)
        grid = tuple(-(-n // s) for n, s in zip(self.shape[1:], self.steps, strict=True))
        self._kept = np.zeros((self.shape[0], *grid), np.float32)
        self._read = np.zeros(grid[0], bool)

    def __getitem__(self, key: tuple[int, slice]) -> Any:
        """The slices ``first:last`` of channel ``k``."""
        k, span = key
        values = self._logits[key]
        first, _, _ = span.indices(self.shape[1])
        step, y, x = self.steps
        begin = -(-first // step)
        part = values[begin * step - first :: step, ::y, ::x]
        self._kept[k, begin : begin + len(part)] = part
        self._read[begin : begin + len(part)] = True
        return values

    def probabilities(self, sigmoid: bool) -> NDArray[np.float32]:
        """``[k, n]`` of the voxels that were read: a softmax over the channels, or a sigmoid of each."""
        logits = self._kept[:, self._read].reshape(self.shape[0], -1)
        if sigmoid:
            return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), np.float32)
        logits = np.exp(logits - logits.max(axis=0))
        return np.asarray(logits / logits.sum(axis=0), np.float32)

    @property
    def grid(self) -> tuple[slice, ...]:
        """Where the voxels that are kept lie in an array ``[z, y, x]``."""
        return tuple(slice(None, None, step) for step in self.steps)

    def of_read(self, thinned_zyx: NDArray[Any]) -> NDArray[Any]:
        """Of an array at `grid` the voxels ``[n]`` that were read."""
        return thinned_zyx[self._read].reshape(-1)


def thin_steps(shape: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Steps that leave at most ``most`` voxels; the axis with the most voxels left is thinned first."""
    steps = [1] * len(shape)
    while np.prod([-(-n // s) for n, s in zip(shape, steps, strict=True)]) > most:
        axis = max(range(len(shape)), key=lambda a: shape[a] / steps[a])
        steps[axis] += 1
    return tuple(steps)
