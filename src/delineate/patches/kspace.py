"""What artefacts of magnetic resonance share: weights on lines of k-space, and places where nothing was measured."""

from __future__ import annotations

import torch


def weigh_lines(x: torch.Tensor, weights: torch.Tensor, axis: int) -> torch.Tensor:
    """Multiply the lines of k-space along ``axis`` by real ``weights`` ``[size]``, line 0 first (FFT order).

    The real part of the answer is kept. For a real ``x`` that is what the mean of the weights of line k and line -k
    gives, so half of the spectrum suffices.
    """
    size = x.shape[axis]
    lines = torch.arange(size // 2 + 1, device=x.device)
    both = (weights[lines] + weights[-lines % size]) / 2
    shape = [1] * x.ndim
    shape[axis] = -1
    return torch.fft.irfft(torch.fft.rfft(x, dim=axis) * both.view(shape), n=size, dim=axis)


def keep_empty(after: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """``after``, but 0 where ``before`` is exactly 0: beyond the scan or outside a masked head nothing was measured."""
    return after.masked_fill(before == 0, 0)
