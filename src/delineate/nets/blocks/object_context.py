"""`ObjectContext`: what a voxel gathers from voxels like it (Yuan et al., OCNet, IJCV 2021)."""

from __future__ import annotations

from itertools import pairwise, product

import torch
from torch import nn

from delineate.nets.blocks.attention import attend
from delineate.nets.blocks.conv_act import conv_act
from delineate.nets.layers import Layers
from delineate.nets.resize import resize


class ObjectContext(nn.Module):
    """Attention whose keys are its queries, scaled by the root of their ``middle`` channels, inside each of ``grid``
    blocks along each axis, on a map ``pool`` times smaller.

    The last convolution starts at zero. One map of the voxels of a block squared may take ``attention_gib``.
    """

    def __init__(
        self,
        dims: int,
        channels: int,
        middle: int,
        value: int | None = None,
        grid: int = 1,
        pool: int = 1,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        conv, value = Layers(dims).conv, value or middle
        self.grid, self.scale, self.attention_gib = grid, middle**-0.5, attention_gib
        self.pool = Layers(dims).max_pool(pool, ceil_mode=True) if pool > 1 else nn.Identity()
        self.key = conv_act(dims, channels, middle, 1, bias=True, leaky=True)
        self.value = conv(channels, value, 1)
        self.expand = conv(value, channels, 1)
        nn.init.zeros_(self.expand.weight)
        nn.init.zeros_(self.expand.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, channels, *size]`` to the same."""
        small = self.pool(x)
        return resize(self.expand(self._blocks(self.key(small), self.value(small))), x.shape[2:])

    def _blocks(self, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """Attention block by block. Blocks are as even as can be; a map shorter than the grid has fewer."""
        if self.grid == 1:
            return attend(key, key, value, self.scale, self.attention_gib)
        out = torch.empty_like(value)
        for block in product(*(_bounds(n, self.grid) for n in key.shape[2:])):
            at = (slice(None), slice(None), *block)
            out[at] = attend(key[at], key[at], value[at], self.scale, self.attention_gib)
        return out


def _bounds(length: int, parts: int) -> list[slice]:
    """``length`` voxels cut into ``parts`` runs, without the empty ones."""
    cuts = [length * i // parts for i in range(parts + 1)]
    return [slice(a, b) for a, b in pairwise(cuts) if b > a]
