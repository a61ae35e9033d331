"""`MixTransformer`: the hierarchical transformer of SegFormer, in two and three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.backbone import BackboneCard, backbone
from delineate.nets.blocks.drop_path import DropPath, drop_rates
from delineate.nets.layers import Layers
from delineate.nets.norm import LayerNorm

WIDE, NARROW = (64, 128, 320, 512), (32, 64, 160, 256)
"""Channels of the four stages."""

DEPTHS: tuple[tuple[int, ...], ...] = (
    (2, 2, 2, 2),
    (2, 2, 2, 2),
    (3, 4, 6, 3),
    (3, 4, 18, 3),
    (3, 8, 27, 3),
    (3, 6, 40, 3),
)
"""Blocks per stage of B0 to B5."""


class OverlapPatchEmbed(nn.Module):
    """A convolution whose windows overlap, and layer norm over channels."""

    def __init__(self, dims: int, inputs: int, width: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.proj = Layers(dims).conv(inputs, width, kernel, stride, kernel // 2)
        self.norm = LayerNorm(width, eps=1e-5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, width, *ceil(size / stride)]``."""
        return self.norm(self.proj(x))


class ReducedAttention(nn.Module):
    """Attention from every voxel to blocks of ``reduction`` voxels per axis.

    Blocks that would reach over the border are left out, as in the reference; a map shorter than a block is padded with
    zeros to one block. The weights of all pairs are never held at once (torch's fused attention).
    """

    def __init__(self, dims: int, width: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.heads, self.reduction = heads, reduction
        self.q, self.kv = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.proj = nn.Linear(width, width)
        if reduction > 1:
            self.sr = Layers(dims).conv(width, width, reduction, reduction)
            self.norm = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        tokens = x.flatten(2).transpose(1, 2)  # [b, voxels, c]
        query = self._split(self.q(tokens))
        key, value = (self._split(half) for half in self.kv(self._reduced(x, tokens)).chunk(2, -1))
        out = F.scaled_dot_product_attention(query, key, value)  # [b, heads, voxels, c / heads]
        out = self.proj(out.transpose(1, 2).flatten(2))
        return out.transpose(1, 2).reshape(x.shape)

    def _reduced(self, x: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """``[b, blocks, c]``."""
        if self.reduction == 1:
            return tokens
        short = [max(0, self.reduction - n) for n in x.shape[2:]]
        if any(short):
            x = F.pad(x, [p for n in reversed(short) for p in (0, n)])
        return self.norm(self.sr(x).flatten(2).transpose(1, 2))

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """``[b, n, c]`` to ``[b, heads, n, c / heads]``."""
        return tokens.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class DepthwiseConv(nn.Module):
    """A 3x3 convolution of each channel by itself; it tells a transformer without position codes where it is."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.dwconv = Layers(dims).conv(width, width, 3, padding=1, groups=width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        return self.dwconv(x)


class MixFfn(nn.Module):
    """Linear layer to ``ratio`` times the channels, depthwise convolution, GELU, linear layer back."""

    def __init__(self, dims: int, width: int, ratio: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, ratio * width), nn.Linear(ratio * width, width)
        self.dwconv = DepthwiseConv(dims, ratio * width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        hidden = self.fc1(x.movedim(1, -1)).movedim(-1, 1)
        return self.fc2(F.gelu(self.dwconv(hidden)).movedim(1, -1)).movedim(-1, 1)


class MixBlock(nn.Module):
    """Attention and Mix-FFN, each behind a layer norm and around a shortcut."""

    def __init__(self, dims: int, width: int, heads: int, reduction: int, ratio: int, drop: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(width), LayerNorm(width)
        self.attn = ReducedAttention(dims, width, heads, reduction)
        self.mlp = MixFfn(dims, width, ratio)
        self.drop_path = DropPath(drop)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to the same."""
        x = x + self.drop_path(self.attn(self.norm1(x)))
        return x + self.drop_path(self.mlp(self.norm2(x)))


class MixTransformer(nn.Module):
    """Xie, Wang, Yu, Anandkumar, Alvarez, Luo: SegFormer. NeurIPS 2021.

    Four maps at 1/4, 1/8, 1/16 and 1/32; parameters are named as in the published files. ``widths``, ``depths``,
    ``heads``, ``reductions`` (how many voxels per axis one key of the attention stands for) and ``ratios`` (of the
    hidden layer) are one number per stage; ``drop_path`` is the rate of the last block.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        in_channels: int,
        widths: Sequence[int],
        depths: Sequence[int],
        heads: Sequence[int] = (1, 2, 5, 8),
        reductions: Sequence[int] = (8, 4, 2, 1),
        ratios: Sequence[int] = (4, 4, 4, 4),
        drop_path: float = 0.1,
    ) -> None:
        super().__init__()
        self.channels, self.strides = tuple(widths), (4, 8, 16, 32)
        rates = iter(drop_rates(drop_path, sum(depths)))
        inputs = in_channels
        for i, width in enumerate(widths):
            embed = OverlapPatchEmbed(dims, inputs, width, 3 if i else 7, 2 if i else 4)
            blocks = [MixBlock(dims, width, heads[i], reductions[i], ratios[i], next(rates)) for _ in range(depths[i])]
            self.add_module(f"patch_embed{i + 1}", embed)
            self.add_module(f"block{i + 1}", nn.ModuleList(blocks))
            self.add_module(f"norm{i + 1}", LayerNorm(width))
            inputs = width
        self.apply(_init)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to four maps, finest first."""
        maps = []
        for i in range(1, len(self.channels) + 1):
            x = self.get_submodule(f"patch_embed{i}")(x)
            for block in self.get_submodule(f"block{i}").children():
                x = block(x)
            x = self.get_submodule(f"norm{i}")(x)
            maps.append(x)
        return maps


def _init(module: nn.Module) -> None:
    """Truncated normal linear layers, He convolutions by their outputs; as published."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Conv2d | nn.Conv3d):
        fan_out = prod(module.kernel_size) * module.out_channels // module.groups
        nn.init.normal_(module.weight, 0, sqrt(2 / fan_out))
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _add(size: int) -> None:
    """Register one of B0 to B5."""
    card = BackboneCard(
        title=f"MiT-B{size}",
        paper="Xie, Wang, Yu, Anandkumar, Alvarez, Luo: SegFormer: Simple and Efficient Design for Semantic "
        "Segmentation with Transformers. NeurIPS 2021",
        weights=f"NVlabs/SegFormer mit_b{size} (2D), also as Hugging Face keeps them",
        small={"widths": (8, 8, 10, 16), "depths": (1, 1, 1, 1)},
        differs="3D: the same, with the same numbers along each axis; a map shorter than the reduction is padded",
        verified="parameter names and counts of NVlabs/SegFormer; the attention against torch's multi-head attention; "
        "with shared weights all maps of B0 and B2 in segmentation-models-pytorch 0.6.0, which has the authors' "
        "definition",
    )

    @backbone(f"mit_b{size}", card)
    def build(
        dims: int,
        in_channels: int,
        output_stride: int = 32,
        widths: Sequence[int] = WIDE if size else NARROW,
        depths: Sequence[int] = DEPTHS[size],
        **options: Any,
    ) -> nn.Module:
        return MixTransformer(dims, in_channels, widths, depths, **options)


for _size in range(len(DEPTHS)):
    _add(_size)
