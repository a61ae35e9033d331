"""`AttentionGate`: a map weighed voxel by voxel (Oktay et al., Attention U-Net, MIDL 2018)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.conv_unit import conv_unit


class AttentionGate(nn.Module):
    """``x`` times a weight in 0..1 for each voxel, made of ``x`` and of the gating signal ``g`` at the same size.

    Both are brought to ``middle`` channels and added (additive attention); what is positive of the sum decides.
    """

    def __init__(self, dims: int, channels: int, gating: int, middle: int) -> None:
        super().__init__()
        self.of_g = conv_unit(dims, gating, middle, kernel=1, act="none", bias=True)
        self.of_x = conv_unit(dims, channels, middle, kernel=1, act="none", bias=True)
        self.psi = conv_unit(dims, middle, 1, kernel=1, act="none", bias=True)

    def forward(self, x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` and ``[b, gating, *size]`` to ``[b, channels, *size]``."""
        return x * torch.sigmoid(self.psi(F.relu(self.of_g(g) + self.of_x(x))))
