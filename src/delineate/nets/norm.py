"""Normalisation in any number of dimensions that survives a single voxel: by batch, by case, by voxel."""

from __future__ import annotations

from math import prod

import torch
from torch import nn
from torch.nn import functional as F


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation (Ioffe & Szegedy, ICML 2015) in any number of dimensions, with torch's parameter names.

    In training, one value per channel (batch 1, a map of one voxel) has no spread to divide by: it is normalised by the
    running statistics, which it leaves as they are, instead of raising.
    """

    def _check_input_dim(self, input: torch.Tensor) -> None:  # noqa: A002 (torch's name)
        """Any number of dimensions."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        if self.training and x.numel() == x.shape[1] and self.running_mean is not None:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)
        return super().forward(x)


class LayerNorm(nn.Module):
    """Layer normalisation over the channels of a map (Ba, Kiros, Hinton, arXiv 1607.06450), with torch's names."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        last = F.layer_norm(x.movedim(1, -1), self.weight.shape, self.weight, self.bias, self.eps)
        return last.movedim(-1, 1)


class InstanceNorm(nn.Module):
    """Instance normalisation with a learned scale and shift (Ulyanov et al., arXiv 1607.08022).

    A map of one voxel has no spread to divide by: it passes with scale and shift alone, so that a patch as small as the
    total stride trains instead of raising.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        if prod(x.shape[2:]) > 1:
            # the same numbers either way; the first is faster on a CPU, the second stays in half precision on a GPU
            if x.device.type == "cpu":
                return F.group_norm(x, x.shape[1], self.weight, self.bias, self.eps)
            return F.instance_norm(x, weight=self.weight, bias=self.bias, eps=self.eps)
        shape = (1, -1) + (1,) * (x.ndim - 2)
        return x * self.weight.view(shape).to(x.dtype) + self.bias.view(shape).to(x.dtype)
