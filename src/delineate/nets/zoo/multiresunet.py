"""MultiResUNet: convolutions of several reaches in each block, and residual paths between encoder and decoder."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.pool_unet import PoolUNet, check_widths
from delineate.nets.layers import Layers
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm

CARD = NetCard(
    title="MultiResUNet",
    paper="Ibtehaz, Rahman: MultiResUNet: Rethinking the U-Net Architecture for Multimodal Biomedical Image "
    "Segmentation. Neural Networks 2020",
    stride=16,
    differs="a bias instead of batch norm after the last convolution, which gives logits",
    verified="parameters equal the authors' Keras layer list, whose count for 3 channels and 1 class is the paper's",
    small={"widths": (8, 8, 12)},
)
_SHARES = (0.167, 0.333, 0.5)


class ShiftNorm(BatchNorm):
    """Batch norm that shifts but does not scale: the authors' follows each convolution so."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        del self.weight
        self.register_buffer("weight", torch.ones(channels), persistent=False)


class MultiResBlock(nn.Module):
    """Three 3-wide convolutions in a row, which see as far as 3, 5 and 7 wide ones, side by side, plus a shortcut."""

    def __init__(self, dims: int, in_channels: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.chain = nn.ModuleList(_unit(dims, a, b, 3) for a, b in pairwise((in_channels, *channels)))
        self.shortcut = _unit(dims, in_channels, sum(channels), 1)
        self.norm, self.last = BatchNorm(sum(channels)), BatchNorm(sum(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, sum(channels), *size]``."""
        answers, seen = [], x
        for unit in self.chain:
            seen = F.relu(unit(seen))
            answers.append(seen)
        return self.last(F.relu(self.norm(torch.cat(answers, dim=1)) + self.shortcut(x)))


class ResidualStep(nn.Module):
    """A 3-wide convolution plus a 1-wide one, one step of the path an encoder's map takes to the decoder."""

    def __init__(self, dims: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv, self.shortcut = _unit(dims, in_channels, out_channels, 3), _unit(dims, in_channels, out_channels, 1)
        self.norm = BatchNorm(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *size]``."""
        return self.norm(F.relu(F.relu(self.conv(x)) + self.shortcut(x)))


class Path(nn.Sequential):
    """Steps on a skip connection; what comes from below is not looked at."""

    def forward(self, skip: torch.Tensor, below: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """The encoder's map to what the decoder gets of it."""
        del below
        return super().forward(skip)


@network("multiresunet", CARD)
def build_multiresunet(
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Any = (32, 64, 128, 256, 512),
    alpha: float = 1.67,
) -> nn.Module:
    """``widths`` are those of a U-Net of like size, finest first; a block has about ``alpha`` times as many channels,
    a sixth, a third and half of them from its three convolutions."""
    wide, layers = check_widths(widths), Layers(dims)
    blocks = [tuple(max(1, int(alpha * w * share)) for share in _SHARES) for w in wide]
    total = [sum(channels) for channels in blocks]
    length = len(wide) - 1
    return PoolUNet(
        dims,
        in_channels,
        (MultiResBlock(dims, a, b) for a, b in zip((in_channels, *total), blocks, strict=False)),
        (layers.conv_transpose(total[i + 1], wide[i], 2, 2) for i in range(length)),
        (MultiResBlock(dims, 2 * w, b) for w, b in zip(wide[:-1], blocks, strict=False)),
        layers.conv(total[0], out_channels, 1),
        (
            Path(*(ResidualStep(dims, wide[i] if step else total[i], wide[i]) for step in range(length - i)))
            for i in range(length)
        ),
    )


def _unit(dims: int, in_channels: int, out_channels: int, kernel: int) -> nn.Sequential:
    """Convolution and norm."""
    layer = Layers(dims).conv(in_channels, out_channels, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(layer, ShiftNorm(out_channels))
