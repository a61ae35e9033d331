"""Attention within windows of a map, plain or shifted, in two and three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.drop_path import DropPath


class WindowAttention(nn.Module):
    """Every voxel attends to those of its window, with a learned bias for each offset between two voxels.

    Windows have ``window`` voxels per axis, or the map's length where it is shorter. Shifted windows start half a
    window further along every axis that has more than one, and wrap around; voxels that only wrapping or padding
    (to whole windows) brought together do not see each other. Parameters are named as in the published files.
    """

    def __init__(self, dims: int, width: int, heads: int, window: int, shifted: bool) -> None:
        super().__init__()
        self.heads, self.window, self.shifted = heads, window, shifted
        self.relative_position_bias_table = nn.Parameter(torch.empty((2 * window - 1) ** dims, heads))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, *size, c]`` to the same."""
        size = x.shape[1:-1]
        window = [min(self.window, n) for n in size]
        padded = [-(-n // w) * w for n, w in zip(size, window, strict=True)]
        shift = [w // 2 if self.shifted and n > w else 0 for n, w in zip(padded, window, strict=True)]
        axes = list(range(1, x.ndim - 1))
        if padded != list(size):
            x = F.pad(
                x, [0, 0, *(p for n, m in zip(reversed(size), reversed(padded), strict=True) for p in (0, m - n))]
            )
        x = torch.roll(x, [-s for s in shift], axes) if any(shift) else x
        bias = self._bias(window)[None]  # [1, heads, n, n]
        if any(shift) or padded != list(size):
            apart = _apart(size, padded, window, shift, x.device)
            bias = bias.masked_fill(apart.repeat(x.shape[0], 1, 1)[:, None], -torch.inf)
        out = _joined(self._attend(_windows(x, window), bias), padded, window)
        out = torch.roll(out, shift, axes) if any(shift) else out
        return out[(slice(None), *(slice(0, n) for n in size))]

    def _attend(self, tokens: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """``[windows, n, c]`` to the same."""
        query, key, value = self.qkv(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        out = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        return self.proj(out.transpose(1, 2).flatten(2))

    def _bias(self, window: Sequence[int]) -> torch.Tensor:
        """``[heads, n, n]`` for the ``n`` voxels of a window."""
        table = self.relative_position_bias_table
        places = torch.cartesian_prod(*(torch.arange(w, device=table.device) for w in window))
        offsets = places[:, None] - places[None] + self.window - 1  # [n, n, dims], 0 to 2 * window - 2
        index = offsets[..., 0]
        for axis in range(1, len(window)):
            index = index * (2 * self.window - 1) + offsets[..., axis]
        return table[index].permute(2, 0, 1)


class SwinBlock(nn.Module):
    """Attention in windows and a perceptron, each behind a layer norm and around a shortcut.

    Liu, Lin, Cao, Hu, Wei, Zhang, Lin, Guo: Swin Transformer. ICCV 2021.
    """

    def __init__(
        self, dims: int, width: int, heads: int, window: int, shifted: bool, ratio: float, drop: float
    ) -> None:
        super().__init__()
        hidden = int(ratio * width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = WindowAttention(dims, width, heads, window, shifted)
        self.drop_path = DropPath(drop)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, hidden), "fc2": nn.Linear(hidden, width)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, *size, c]`` to the same."""
        x = x + self.drop_path(self.attn(self.norm1(x)))
        return x + self.drop_path(self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x)))))


def _windows(x: torch.Tensor, window: Sequence[int]) -> torch.Tensor:
    """``[b, *size, c]`` to ``[b * windows, voxels of a window, c]``."""
    shape, dims = [x.shape[0]], len(window)
    for n, w in zip(x.shape[1:-1], window, strict=True):
        shape += [n // w, w]
    x = x.reshape(*shape, x.shape[-1])
    order = [0, *range(1, 2 * dims, 2), *range(2, 2 * dims + 1, 2), 2 * dims + 1]
    return x.permute(order).reshape(-1, prod(window), x.shape[-1])


def _joined(tokens: torch.Tensor, size: Sequence[int], window: Sequence[int]) -> torch.Tensor:
    """What `_windows` cut."""
    dims, counts = len(window), [n // w for n, w in zip(size, window, strict=True)]
    x = tokens.reshape(-1, *counts, *window, tokens.shape[-1])
    order = [0, *(1 + axis + dims * part for axis, part in product(range(dims), (0, 1))), 2 * dims + 1]
    return x.permute(order).reshape(-1, *size, tokens.shape[-1])


def _apart(
    size: Sequence[int], padded: Sequence[int], window: Sequence[int], shift: Sequence[int], device: torch.device
) -> torch.Tensor:
    """``[windows, n, n]``: which voxels of a window were brought together by wrapping or padding only."""
    kinds = torch.zeros(tuple(padded), dtype=torch.long, device=device)
    for axis, (n, m, s) in enumerate(zip(size, padded, shift, strict=True)):
        place = torch.arange(m, device=device)
        kind = torch.where(place >= n, 2, torch.where(place < s, 1, 0))  # padding, wrapped around, the rest
        kinds = 3 * kinds + torch.roll(kind, -s).view([m if a == axis else 1 for a in range(len(size))])
    cut = _windows(kinds[None, ..., None].float(), window)[..., 0]
    return cut[:, :, None] != cut[:, None]
