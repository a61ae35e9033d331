"""`RecurrentBlock`: convolutions that see their own answer (Alom et al., R2U-Net, arXiv 1802.06955, 2018)."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.layers import Layers


class Recurrent(nn.Module):
    """One convolution ``f`` with norm, applied ``steps + 1`` times: ``f(x)``, then ``f(x + answer)``.

    The weights are shared between the steps, and so is the norm, whose running statistics are of all of them.
    """

    def __init__(self, dims: int, channels: int, steps: int) -> None:
        super().__init__()
        self.conv, self.steps = conv_unit(dims, channels, channels, bias=True), steps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` to the same."""
        answer = self.conv(x)
        for _ in range(self.steps):
            answer = self.conv(x + answer)
        return answer


class RecurrentBlock(nn.Module):
    """A 1-wide convolution, two recurrent ones, and the residual connection around these."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, steps: int = 2) -> None:
        super().__init__()
        self.widen = Layers(dims).conv(in_channels, out_channels, 1)
        self.body = nn.Sequential(*(Recurrent(dims, out_channels, steps) for _ in range(2)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        x = self.widen(x)
        return x + self.body(x)
