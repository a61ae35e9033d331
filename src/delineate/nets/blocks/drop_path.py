"""`DropPath`: a residual branch left out for some cases of a batch."""

from __future__ import annotations

import torch
from torch import nn


class DropPath(nn.Module):
    """Stochastic depth (Huang, Sun, Liu, Sedra, Weinberger: Deep Networks with Stochastic Depth. ECCV 2016).

    In training each case of a batch loses the branch with a chance of ``rate``; the others' is divided by ``1 - rate``.
    """

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, ...]`` to the same."""
        if not self.training or self.rate == 0:
            return x
        kept = torch.rand(x.shape[0], *(1,) * (x.ndim - 1), device=x.device) >= self.rate
        return x * kept.to(x.dtype) / (1 - self.rate)


def drop_rates(most: float, count: int) -> list[float]:
    """From 0 at the first of ``count`` blocks, in equal steps, to ``most`` at the last."""
    return [most * i / max(1, count - 1) for i in range(count)]
