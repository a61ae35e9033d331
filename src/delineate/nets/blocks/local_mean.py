"""`LocalMean`: the mean over windows of three voxels along each axis."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.layers import Layers


class LocalMean(nn.Module):
    """``[b, c, *size]`` to ``[b, c, *ceil(size / stride)]``; outside the image there are zeros, and they count.

    The zeros are added first because torch's pooling of volumes refuses a map shorter than the window.
    """

    def __init__(self, dims: int, stride: int = 1) -> None:
        super().__init__()
        self.pool = Layers(dims).avg_pool(3, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """A map to a map."""
        mean: torch.Tensor = self.pool(F.pad(x, [1, 1] * (x.ndim - 2)))
        return mean
