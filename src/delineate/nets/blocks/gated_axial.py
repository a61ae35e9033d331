"""Attention along one axis of a picture, with learned relative positions that gates may weigh."""

from __future__ import annotations

from math import sqrt

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.attention import check_attention
from delineate.nets.norm import BatchNorm


class GatedLineAttention(nn.Module):
    """Every voxel attends to those of its line along ``axis`` (0 is y, 1 is x), ``[b, c, y, x]`` to the same.

    ``positions`` "plain" adds, to what query, key and value say, learned vectors for each offset along the line (Wang
    et al., Axial-DeepLab. ECCV 2020); "gated" multiplies the three by learned numbers, 0.1 at first, and the values by
    one of 1; "none" leaves them out. Positions are learned for ``length`` voxels and interpolated to other lengths.
    Batch norm follows each term of the scores and of the result.
    """

    def __init__(
        self, width: int, groups: int, axis: int, length: int, positions: str = "gated", attention_gib: float = 2.0
    ) -> None:
        super().__init__()
        self.groups, self.axis, self.attention_gib = groups, axis, attention_gib
        self.split = (width // groups // 2, width // groups // 2, width // groups)
        self.qkv_transform = nn.Conv1d(width, 2 * width, 1, bias=False)
        nn.init.normal_(self.qkv_transform.weight, 0, sqrt(1 / width))
        self.bn_qkv = BatchNorm(2 * width)
        terms = 1 if positions == "none" else 3
        self.bn_similarity = BatchNorm(terms * groups)
        self.bn_output = BatchNorm(width if positions == "none" else 2 * width)
        self.relative: nn.Parameter | None = None
        if positions != "none":
            self.relative = nn.Parameter(torch.randn(sum(self.split), 2 * length - 1) * sqrt(groups / width))
        self.gated = positions == "gated"
        if self.gated:
            self.f_qr, self.f_kr, self.f_sve = (nn.Parameter(torch.tensor(0.1)) for _ in range(3))
            self.f_sv = nn.Parameter(torch.tensor(1.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, width, y, x]`` to the same."""
        lines = x.movedim(2 + self.axis, -1).transpose(1, 2)  # [b, other axis, c, n]
        b, m, c, n = lines.shape
        check_attention(b * m * self.bn_similarity.num_features, n, n, self.attention_gib)
        qkv = self.bn_qkv(self.qkv_transform(lines.reshape(b * m, c, n)))
        query, key, value = qkv.unflatten(1, (self.groups, -1)).split(self.split, 2)  # [lines, groups, k, n]
        terms = [query.transpose(2, 3) @ key]
        if self.relative is not None:
            at_query, at_key, at_value = self._vectors(n).split(self.split)
            terms += [
                self._weighed(torch.einsum("bgci,cij->bgij", query, at_query), "f_qr"),
                self._weighed(torch.einsum("bgcj,cji->bgij", key, at_key), "f_kr"),
            ]
        scores = self.bn_similarity(torch.cat(terms, 1)).unflatten(1, (len(terms), self.groups)).sum(1)
        weights = torch.softmax(scores, -1).to(value.dtype)
        parts = [self._weighed(torch.einsum("bgij,bgcj->bgci", weights, value), "f_sv")]
        if self.relative is not None:
            parts.append(self._weighed(torch.einsum("bgij,cij->bgci", weights, at_value.to(weights.dtype)), "f_sve"))
        out = self.bn_output(torch.stack(parts, 3).flatten(1, 3)).unflatten(1, (c, len(parts))).sum(2)
        return out.reshape(b, m, c, n).transpose(1, 2).movedim(-1, 2 + self.axis)

    def _vectors(self, length: int) -> torch.Tensor:
        """``[channels, length, length]``: for voxel ``i`` looking at ``j``, the vector of the offset ``i - j``."""
        assert self.relative is not None
        table = F.interpolate(self.relative[None], 2 * length - 1, mode="linear")[0]  # the middle is offset 0 always
        place = torch.arange(length, device=table.device)
        return table[:, place[:, None] - place + length - 1]

    def _weighed(self, x: torch.Tensor, gate: str) -> torch.Tensor:
        return x * getattr(self, gate) if self.gated else x


class AxialBlock(nn.Module):
    """1x1 convolution, attention along y and along x, 1x1 convolution to twice the ``width``, around a shortcut."""

    def __init__(
        self,
        inputs: int,
        width: int,
        groups: int,
        length: int,
        positions: str,
        stride: int = 1,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        outputs = 2 * width
        self.conv_down, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), BatchNorm(width)
        self.hight_block = GatedLineAttention(width, groups, 0, length, positions, attention_gib)
        self.width_block = GatedLineAttention(width, groups, 1, length, positions, attention_gib)
        self.pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.conv_up, self.bn2 = nn.Conv2d(width, outputs, 1, bias=False), BatchNorm(outputs)
        self.downsample: nn.Module | None = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), BatchNorm(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, y, x]`` to ``[b, 2 * width, y / stride, x / stride]``."""
        out = F.relu(self.bn1(self.conv_down(x)))
        out = F.relu(self.pool(self.width_block(self.hight_block(out))))
        return F.relu(self.bn2(self.conv_up(out)) + (x if self.downsample is None else self.downsample(x)))
