"""`ChannelwisePyramid`: chains of grouped convolutions at four dilations."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit, norm_act, same_conv

EPS = 1e-3
"""Of every batch norm in CaraNet."""
GROUP = 16
"""The channels are divided by this at the narrowest."""


class ChannelwisePyramid(nn.Module):
    """The channel-wise feature pyramid (Lou, Guan, Loew, CFPNet-M, arXiv 2021) as CaraNet has it, a residual.

    A quarter of the channels goes through four chains of three grouped convolutions, dilated by 1, d/4 + 1, d/2 + 1 and
    d + 1 (1, 3, 5, 9); the results of all links are concatenated in a chain, and each chain adds those before it.
    """

    def __init__(self, dims: int, channels: int, dilation: int = 8) -> None:
        super().__init__()
        if channels % GROUP:
            raise UsageError(f"a channel-wise pyramid of {channels} channels", f"a multiple of {GROUP}")
        rates = (1, dilation // 4 + 1, dilation // 2 + 1, dilation + 1)
        self.before = norm_act(channels, "prelu", EPS)
        self.reduce = conv_unit(dims, channels, channels // 4, act="prelu", eps=EPS)
        self.chains = nn.ModuleList(_chain(dims, channels // GROUP, rate) for rate in rates)
        self.after = norm_act(channels, "prelu", EPS)
        self.mix = same_conv(dims, channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        reduced = self.reduce(self.before(x))
        sums: list[torch.Tensor] = []
        for chain in self.chains:
            links = [reduced]
            for link in cast(nn.ModuleList, chain):
                links.append(link(links[-1]))
            joined = torch.cat(links[1:], dim=1)
            sums.append(joined + sums[-1] if sums else joined)
        return x + self.mix(self.after(torch.cat(sums, dim=1)))


def _chain(dims: int, group: int, rate: int) -> nn.ModuleList:
    """Convolutions of 4 to 1, 1 to 1 and 1 to 2 channels, ``group`` times side by side."""
    return nn.ModuleList(
        conv_unit(dims, a * group, b * group, 3, 1, rate, group, "prelu", EPS) for a, b in ((4, 1), (1, 1), (1, 2))
    )
