"""`Stitcher`: overlapping windows of logits put together to a volume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


def gaussian(patch: Sequence[int]) -> torch.Tensor:
    """Weights ``[*patch]`` float32, 1 in the centre, sigma an eighth of the window (Isensee et al., nnU-Net, 2021).

    None is below 1e-3: at a volume's corner a single window must be divided out again.
    """
    weights = np.ones(())
    for n in patch:
        offsets = np.arange(n) - (n - 1) / 2
        weights = weights[..., None] * np.exp(-0.5 * (offsets / (n / 8)) ** 2)
    return torch.from_numpy((weights / weights.max()).clip(min=1e-3).astype(np.float32))


class Stitcher:
    """Weighted sums of windows over a volume of ``shape``, divided when they are read.

    Windows may stick out on any side; what lies outside is dropped. Only some slices of the first axis are held: see
    `hold`.
    """

    def __init__(self, channels: int, shape: Sequence[int], patch: Sequence[int]) -> None:
        self._shape = tuple(shape)
        self._patch = tuple(patch)
        self._weights = gaussian(patch)
        self._first = 0
        self._sums = [torch.zeros(0, *shape[1:]) for _ in range(channels)]
        self._seen = torch.zeros(0, *shape[1:])

    def add(self, start: Sequence[int], logits_kx: torch.Tensor) -> None:
        """Add the logits ``[k, *patch]`` of the window at ``start``."""
        lowest = (self._first, *(0 for _ in self._shape[1:]))
        inside = [
            (max(s, low), min(s + p, n)) for s, p, n, low in zip(start, self._patch, self._shape, lowest, strict=True)
        ]
        if any(low >= high for low, high in inside):
            return
        self.hold(self._first, inside[0][1])
        here = tuple(slice(low - s, high - s) for (low, high), s in zip(inside, start, strict=True))
        there = tuple(slice(low - f, high - f) for (low, high), f in zip(inside, lowest, strict=True))
        weights = self._weights[here]
        for sums, window in zip(self._sums, logits_kx, strict=True):
            sums[there] += window[here].to(sums.device, torch.float32) * weights
        self._seen[there] += weights

    def hold(self, first: int, last: int) -> None:
        """Make room up to ``last`` at once and forget the slices before ``first``: windows that touch them are cut off
        from now on. Of the slices held, those at and after ``last`` stay."""
        first, last = max(first, self._first), max(last, self._first + len(self._seen))
        if (first, last) == (self._first, self._first + len(self._seen)):
            return

        def moved(old: torch.Tensor) -> torch.Tensor:
            new = torch.zeros(max(last - first, 0), *self._shape[1:])
            kept = old[first - self._first :]
            new[: len(kept)] = kept
            return new

        for k, sums in enumerate(self._sums):  # one channel after the other: never two of everything
            self._sums[k] = moved(sums)
        self._seen = moved(self._seen)
        self._first = first

    def read(self, channel: int, first: int, last: int) -> torch.Tensor:
        """The weighted mean of the slices ``first`` to ``last`` (not included) of one channel.

        Raises:
            ValueError: some voxel lies in no window, or the slices were forgotten.
        """
        low, high = first - self._first, last - self._first
        seen = self._seen[max(low, 0) : high]
        if len(seen) != last - first or not bool((seen > 0).all()):
            raise ValueError("some voxels lie in no window; place windows with `tile`")
        return self._sums[channel][low:high] / seen
