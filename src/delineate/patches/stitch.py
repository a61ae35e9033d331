"""`Stitcher`: overlapping windows of logits put together to a volume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


def gaussian(patch: Sequence[int]) -> torch.Tensor:
    """Weights ``[*patch]`` float32, 1 in the centre, sigma an eighth of the window (Isensee et al., nnU-Net, 2021).

    None is below 1e-3: at a volume's corner a single window must be divided out again, even from 16-bit sums.
    """
    weights = np.ones(())
    for n in patch:
        offsets = np.arange(n) - (n - 1) / 2
        weights = weights[..., None] * np.exp(-0.5 * (offsets / (n / 8)) ** 2)
    return torch.from_numpy((weights / weights.max()).clip(min=1e-3).astype(np.float32))


class Stitcher:
    """Weighted sums of windows over a volume of ``shape``, divided at the end.

    ``dtype`` is that of the sums of logits ``[channels, *shape]``: float32, or float16 for half the memory at about
    three digits. Windows may stick out on any side; what lies outside is dropped.
    """

    def __init__(
        self,
        channels: int,
        shape: Sequence[int],
        patch: Sequence[int],
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self._shape = tuple(shape)
        self._patch = tuple(patch)
        self._weights = gaussian(patch).to(device)
        self._sums = torch.zeros((channels, *shape), dtype=dtype, device=device)
        self._seen = torch.zeros(self._shape, dtype=torch.float32, device=device)

    def add(self, start: Sequence[int], logits_kx: torch.Tensor) -> None:
        """Add the logits ``[k, *patch]`` of the window at ``start``."""
        inside = [(max(s, 0), min(s + p, n)) for s, p, n in zip(start, self._patch, self._shape, strict=True)]
        if any(low >= high for low, high in inside):
            return
        there = tuple(slice(low, high) for low, high in inside)
        here = tuple(slice(low - s, high - s) for (low, high), s in zip(inside, start, strict=True))
        weights = self._weights[here]
        window = logits_kx[(slice(None), *here)].to(self._sums.device, torch.float32)
        self._sums[(slice(None), *there)] += (window * weights).to(self._sums.dtype)
        self._seen[there] += weights

    def result(self) -> torch.Tensor:
        """The weighted mean ``[k, *shape]``; the sums are divided in place, so ask once.

        Raises:
            ValueError: some voxel lies in no window.
        """
        if not bool((self._seen > 0).all()):
            raise ValueError("some voxels lie in no window; place windows with `tile`")
        for channel in self._sums:
            channel /= self._seen
        return self._sums
