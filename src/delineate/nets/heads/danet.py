"""Dual attention: between places and between channels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets.blocks.attention import attend
from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.exactness import exactly
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers


class PositionAttention(nn.Module):
    """``x`` plus ``gamma`` (0 at first) times what each place gathers from all places (PAM); ``channels // 8`` key
    channels. It needs a map of voxels times voxels and refuses above ``attention_gib``."""

    def __init__(self, dims: int, channels: int, attention_gib: float = 2.0) -> None:
        super().__init__()
        conv, middle = Layers(dims).conv, max(1, channels // 8)
        self.query, self.key = conv(channels, middle, 1), conv(channels, middle, 1)
        self.value = conv(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))
        self.attention_gib = attention_gib

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        return self.gamma * attend(self.query(x), self.key(x), self.value(x), limit_gib=self.attention_gib) + x


class ChannelAttention(nn.Module):
    """``x`` plus ``gamma`` (0 at first) times what each channel gathers from all channels (CAM).

    The weights are the softmax of the largest product minus the product: channels that resemble each other least weigh
    most, as in the authors' code. The products are sums over all voxels, so they are taken in float32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        with exactly(x):
            flat = x.flatten(2).float()
            energy = flat @ flat.transpose(1, 2)
            weights = torch.softmax(energy.amax(-1, keepdim=True) - energy, dim=-1)
            out = (weights @ flat).reshape(x.shape)
        return self.gamma * out.to(x.dtype) + x


@HEADS.register("danet")
class DualAttentionHead(nn.Module):
    """Position and channel attention side by side on ``width`` channels; logits of their sum.

    In training each branch has logits of its own, ``position`` and ``channel``, that weigh as much as the sum's; the
    answer is the sum's alone.

    Fu, Liu, Tian, Li, Bao, Fang, Lu: Dual Attention Network for Scene Segmentation. CVPR 2019.
    """

    def __init__(
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        dropout: float = 0.1,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        width = width or max(1, channels[-1] // 4)
        self.auxiliaries = {"position": Auxiliary(weight=1.0), "channel": Auxiliary(weight=1.0)}
        self.position = nn.Sequential(
            conv_act(dims, channels[-1], width),
            PositionAttention(dims, width, attention_gib),
            conv_act(dims, width, width),
        )
        self.channel = nn.Sequential(
            conv_act(dims, channels[-1], width), ChannelAttention(), conv_act(dims, width, width)
        )
        self.classify, self.classify_position, self.classify_channel = (
            classifier(dims, width, out_channels, dropout) for _ in range(3)
        )

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor | dict[str, torch.Tensor]:
        """Maps to logits at the size of the last; in training a dict of three."""
        position, channel = self.position(maps[-1]), self.channel(maps[-1])
        out = self.classify(position + channel)
        if not self.training:
            return out
        return {"out": out, "position": self.classify_position(position), "channel": self.classify_channel(channel)}
