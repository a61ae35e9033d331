"""A window moved over a prepared scan, its answers blended with Gaussian weights, slice after slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from delineate.patches.planes import slab_of
from delineate.patches.stitch import Stitcher
from delineate.patches.tile import tile
from delineate.plan.budget import windows_at_once
from delineate.predict.engine import Engine


class SlidingLogits:
    """Logits ``[channels, z, y, x]`` of a prepared image ``[c, z, y, x]``, computed while they are read.

    It slices like an array, ``logits[k, first:last]``, as long as ``first`` never falls: the windows follow what is
    read, and slices that lie behind are forgotten. So logits of a whole scan never exist, only about as many slices as
    a window is deep; the numbers are those of the whole at once.

    A ``patch`` of two numbers slides over every slice of the first axis, which brings its neighbours along where
    ``slices`` is above 1. Windows overlap by ``overlap`` and are weighted by a Gaussian (Isensee et al. 2021). What a
    window sees beyond the scan is 0, as in training. ``at_once`` windows are answered together.
    """

    def __init__(
        self,
        engine: Engine,
        image_czyx: NDArray[np.float32],
        patch: Sequence[int],
        channels: int,
        overlap: float = 0.5,
        slices: int = 1,
        at_once: int | None = None,
    ) -> None:
        self._engine = engine
        self._image = torch.from_numpy(np.asarray(image_czyx, dtype=np.float32))
        self._slices = slices
        self._flat = len(patch) == 2
        self._patch = (1, *patch) if self._flat else tuple(patch)
        depth, height, width = self._image.shape[1:]
        self.shape = (channels, depth, height, width)
        starts = tile(self.shape[1:], self._patch, overlap)
        self._stitcher = Stitcher(channels, self.shape[1:], self._patch)
        size = at_once or windows_at_once(self._patch)
        self._waiting = [starts[i : i + size] for i in range(0, len(starts), size)][::-1]

    def __getitem__(self, key: tuple[int, slice]) -> NDArray[np.float32]:
        """The slices ``first:last`` of channel ``k``.

        Raises:
            ValueError: the slices were passed already.
        """
        k, span = key
        first, last, _ = span.indices(self.shape[1])
        self._stitcher.hold(first, min(last - 1 + self._patch[0], self.shape[1]))
        while self._waiting and self._waiting[-1][0][0] < last:
            self._answer(self._waiting.pop())
        return self._stitcher.read(k, first, last).numpy()

    def _answer(self, starts: Sequence[tuple[int, ...]]) -> None:
        answers = self._engine(torch.stack([self._window(s) for s in starts]))
        for start, answer in zip(starts, answers, strict=True):
            self._stitcher.add(start, answer[:, None] if self._flat else answer)

    def _window(self, start: Sequence[int]) -> Tensor:
        low, size = (start[1:], self._patch[1:]) if self._flat else (start, self._patch)
        box = tuple(slice(s, s + p) for s, p in zip(low, size, strict=True))
        inside = self._image[(slice(None),) * (4 - len(box)) + box]
        if self._flat:  # cut first: neighbours are copied, and a window must not hold whole slices
            inside = slab_of(inside, start[0], self._slices)
        return _padded(inside, size)


def spans(depth: int, step: int = 8) -> Iterator[tuple[int, int]]:
    """Slices a few at a time: first, and last not included."""
    return ((first, min(first + step, depth)) for first in range(0, depth, step))


def _padded(window: Tensor, size: Sequence[int]) -> Tensor:
    """The window ``[c, *size]``, zeros where it reached over the end of the image."""
    if window.shape[1:] == tuple(size):
        return window
    whole = torch.zeros((len(window), *size), dtype=window.dtype)
    whole[(slice(None), *(slice(0, n) for n in window.shape[1:]))] = window
    return whole
