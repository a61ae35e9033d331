"""Point-wise spatial attention: every place predicts how much it takes from, and gives to, each place around it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.attention import check_attention
from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.head import HEADS
from delineate.nets.resize import resize


def spread(scores: torch.Tensor, mask: int, distribute: bool = False) -> torch.Tensor:
    """Scores of a window around each place as scores between any two places, ``[b, from, to]``, row after row.

    ``scores`` are ``[b, mask * mask, h, w]``: what a place says of those up to ``mask // 2`` rows and columns away.
    Collected, a place says how much it takes from the others; distributed, how much it gives to them. Places outside
    the window get minus infinity, no weight after softmax. Both follow from one gather that autograd knows.
    """
    b, _, h, w = scores.shape
    rows, columns = (_offsets(n, mask // 2, scores.device) for n in (h, w))  # [there, here]
    known = (rows[:, None, :, None] >= 0) & (rows[:, None, :, None] < mask)
    known = known & (columns[None, :, None, :] >= 0) & (columns[None, :, None, :] < mask)
    windows = scores.reshape(b, mask, mask, h, w)
    here_y, here_x = (torch.arange(n, device=scores.device) for n in (h, w))
    there_here = windows[
        :,
        rows.clamp(0, mask - 1)[:, None, :, None],
        columns.clamp(0, mask - 1)[None, :, None, :],
        here_y[None, None, :, None],
        here_x,
    ]  # [b, there y, there x, here y, here x]
    there_here = there_here.masked_fill(~known, -torch.inf).reshape(b, h * w, h * w)
    return there_here.transpose(1, 2) if distribute else there_here


def _offsets(length: int, reach: int, device: torch.device) -> torch.Tensor:
    """Where in a window around ``[:, here]`` the place ``[there, :]`` lies."""
    places = torch.arange(length, device=device)
    return places[:, None] - places[None, :] + reach


class PointwiseBranch(nn.Module):
    """``middle`` channels of each place, summed over all places with weights that a place predicts for its window."""

    def __init__(self, channels: int, middle: int, mask: int, distribute: bool) -> None:
        super().__init__()
        self.mask, self.distribute = mask, distribute
        self.reduce = conv_act(2, channels, middle, 1)
        self.score = nn.Sequential(conv_act(2, middle, middle, 1), nn.Conv2d(middle, mask * mask, 1, bias=False))

    def forward(self, x: torch.Tensor, shrink: int) -> torch.Tensor:
        """``[b, channels, h, w]`` to ``[b, middle, h, w]`` after the division of h and w by ``shrink``."""
        x = self.reduce(x)
        x = resize(x, [(n - 1) // shrink + 1 for n in x.shape[2:]], align_corners=True)
        weights = torch.softmax(spread(self.score(x), self.mask, self.distribute), dim=1).to(x.dtype)
        return (x.flatten(2) @ weights).reshape(x.shape)


@HEADS.register("psanet")
class PointwiseHead(nn.Module):
    """Collected and distributed attention on a map ``shrink`` times smaller, beside the map itself; 2D only.

    Each place predicts ``mask`` times ``mask`` weights. The mask reaches from any place of the shrunk map to any other
    where that has at most ``(mask + 1) / 2`` rows and columns (59 for crops of 465 at 1/8); in larger maps a place
    attends to its window. Refuses more than ``attention_gib`` for one map of places times places.

    Zhao, Zhang, Liu, Shi, Loy, Lin, Jia: PSANet: Point-wise Spatial Attention Network for Scene Parsing. ECCV 2018.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        mask: int = 59,
        shrink: int = 2,
        dropout: float = 0.1,
        attention_gib: float = 2.0,
    ) -> None:
        super().__init__()
        if dims != 2:
            raise UsageError(f"the head 'psanet' in {dims}D", "2D: a volume needs a weight for each voxel of a window")
        if mask < 1 or mask % 2 == 0:
            raise UsageError(f"a mask of {mask} places", "an odd number, so that it has a centre", "e.g. 59")
        wide = channels[-1]
        width = width or max(1, wide // 4)
        self.shrink, self.attention_gib = shrink, attention_gib
        self.collect = PointwiseBranch(wide, width, mask, distribute=False)
        self.distribute = PointwiseBranch(wide, width, mask, distribute=True)
        self.expand = conv_act(2, 2 * width, wide, 1)
        self.classify = nn.Sequential(conv_act(2, 2 * wide, width), classifier(2, width, out_channels, dropout))

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = maps[-1]
        height, width = ((n - 1) // self.shrink + 1 for n in x.shape[2:])
        check_attention(x.shape[0], height * width, height * width, self.attention_gib)
        both = torch.cat([self.collect(x, self.shrink), self.distribute(x, self.shrink)], 1)
        return self.classify(torch.cat([resize(self.expand(both), x.shape[2:], align_corners=True), x], 1))
