"""MiniSeg: two paths of very few parameters, made for small sets of CT images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit, norm_act, same_conv
from delineate.nets.blocks.local_mean import LocalMean
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm
from delineate.nets.resize import resize

BRANCHES = 4

CARD = NetCard(
    title="MiniSeg",
    paper="Qiu, Liu, Li, Xu: MiniSeg: An Extremely Minimum Network for Efficient COVID-19 Segmentation. AAAI 2021",
    stride=16,
    differs="auxiliary outputs, which the paper weighs 0.4 each, come in training only",
    verified="parameter count equal to the authors' code with and without auxiliary outputs, and the paper's 82.91 K",
    small={"blocks": (2, 2, 2, 2)},
)


class Ahsp(nn.Module):
    """Attentive hierarchical spatial pyramid: 1-wide convolution to a quarter, four depthwise ones of dilation 1, 2, 4
    and 8 that add up one after the other (the first with a local mean), each enhanced by one attention map of its own,
    then a 1-wide convolution within each branch."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        if out_channels % BRANCHES:
            raise UsageError(
                f"a MiniSeg of a width of {out_channels}", f"widths that divide by {BRANCHES}", "correct `widths`"
            )
        narrow = out_channels // BRANCHES
        self.narrow = narrow
        self.reduce = same_conv(dims, in_channels, narrow, 1)
        self.branches = nn.ModuleList(
            same_conv(dims, narrow, narrow, 3, stride, 2**i, groups=narrow) for i in range(BRANCHES)
        )
        self.mean = LocalMean(dims, stride)
        self.attend = same_conv(dims, out_channels, BRANCHES, 1, groups=BRANCHES)
        self.fuse = conv_unit(dims, out_channels, out_channels, 1, groups=BRANCHES, act="prelu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *ceil(size / stride)]``."""
        reduced = self.reduce(x)
        running = self.mean(reduced)
        parts = []
        for branch in self.branches:
            running = running + branch(reduced)
            parts.append(running)
        pyramid = torch.cat(parts, dim=1)
        attention = torch.sigmoid(self.attend(pyramid)).repeat_interleave(self.narrow, dim=1)
        return self.fuse(pyramid + pyramid * attention)


class Level(nn.Module):
    """One resolution of both paths: each halves its input, then ``blocks`` of the context path and half as many 5-wide
    depthwise ones of the other read the sum of the two and add to their own."""

    def __init__(self, dims: int, in_channels: int, width: int, blocks: int, plain: bool) -> None:
        super().__init__()
        self.down = _context(dims, in_channels, width, 2, plain)
        self.detail_down = _detail(dims, in_channels, width, 2)
        self.blocks = nn.ModuleList(_context(dims, width, width, 1, plain) for _ in range(blocks))
        self.detail_blocks = nn.ModuleList(_detail(dims, width, width, 1) for _ in range(blocks // 2))

    def forward(self, context: torch.Tensor, detail: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The two paths' maps at half their size."""
        context, detail = self.down(context), self.detail_down(detail)
        for i, block in enumerate(self.blocks):
            both = context + detail
            context = context + block(both)
            if i < len(self.detail_blocks):
                detail = detail + self.detail_blocks[i](both)
        return context, detail


class Exchange(nn.Module):
    """Between two levels: a 1-wide convolution over both paths, half of the result added to each."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.mix = conv_unit(dims, 2 * width, 2 * width, 1, act="none")

    def forward(self, context: torch.Tensor, detail: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The two maps, in and out."""
        to_detail, to_context = self.mix(torch.cat((detail, context), dim=1)).chunk(2, dim=1)
        return context + to_context, detail + to_detail


class Meet(nn.Module):
    """One step of the decoder: the deeper map, enlarged, narrowed and smoothed by depthwise convolutions of dilation 1
    and 2, plus the encoder's map of this level."""

    def __init__(self, dims: int, below: int, width: int) -> None:
        super().__init__()
        self.narrow = same_conv(dims, below, width, 1)
        self.smooth = nn.ModuleList(same_conv(dims, width, width, 3, 1, d, groups=width) for d in (1, 2))
        self.norm = BatchNorm(width)
        self.skip = _scored(dims, width)
        self.act = nn.PReLU(width)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """``[b, below, *smaller]`` and ``[b, width, *size]`` to ``[b, width, *size]``."""
        x = self.narrow(resize(x, skip.shape[2:]))
        return self.act(self.norm(self.smooth[0](x) + self.smooth[1](x)) + self.skip(skip))


class MiniSeg(nn.Module):
    """Four levels of two paths, an additive decoder, and scores at every level, of which ``out`` is the finest."""

    def __init__(
        self, dims: int, in_channels: int, out_channels: int, widths: Sequence[int], blocks: Sequence[int], sides: bool
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        before = (in_channels, *widths)
        self.levels = nn.ModuleList(
            Level(dims, before[i], w, n, plain=i == 0) for i, (w, n) in enumerate(zip(widths, blocks, strict=True))
        )
        self.exchanges = nn.ModuleList(Exchange(dims, w) for w in widths[:-1])
        self.top = nn.Sequential(_scored(dims, widths[-1]), nn.PReLU(widths[-1]))
        self.meets = nn.ModuleList(Meet(dims, widths[i + 1], w) for i, w in enumerate(widths[:-1]))
        heads = len(widths) if sides else 1
        self.heads = nn.ModuleList(
            nn.Sequential(Layers(dims).dropout(0.01), same_conv(dims, w, out_channels, 1, bias=True))
            for w in widths[:heads]
        )
        self.auxiliaries = {f"level{i + 1}": Auxiliary(weight=0.4) for i in range(1, heads)}

    def forward(self, x: torch.Tensor) -> torch.Tensor | dict[str, torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training also those of deeper levels, at that size."""
        check_input(x, self.dims, self.in_channels)
        context = detail = x
        skips = []
        for i, level in enumerate(self.levels):
            if i:
                context, detail = self.exchanges[i - 1](context, detail)
            context, detail = level(context, detail)
            skips.append(context)
        maps = [self.top(skips.pop())]
        for meet, skip in zip(reversed(self.meets), reversed(skips), strict=True):
            maps.insert(0, meet(maps[0], skip))
        wanted = len(self.heads) if self.training else 1
        scores = [resize(self.heads[i](maps[i]), x.shape[2:]) for i in range(wanted)]
        return dict(zip(("out", *self.auxiliaries), scores, strict=True)) if wanted > 1 else scores[0]


def _context(dims: int, in_channels: int, out_channels: int, stride: int, plain: bool) -> nn.Module:
    """A block of the context path: a plain convolution at the first level, the pyramid below."""
    if plain:
        return conv_unit(dims, in_channels, out_channels, 3, stride, act="prelu")
    return Ahsp(dims, in_channels, out_channels, stride)


def _detail(dims: int, in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """A block of the other path: 1-wide, then 5-wide depthwise."""
    return nn.Sequential(
        same_conv(dims, in_channels, out_channels, 1),
        conv_unit(dims, out_channels, out_channels, 5, stride, groups=out_channels, act="prelu"),
    )


def _scored(dims: int, width: int) -> nn.Module:
    return nn.Sequential(same_conv(dims, width, width, 1, bias=True), *norm_act(width, "none"))


@network("miniseg", CARD)
def build_miniseg(
    dims: int,
    in_channels: int,
    out_channels: int,
    widths: Sequence[int] = (8, 24, 32, 64),
    blocks: Sequence[int] = (2, 3, 8, 6),
    sides: bool = True,
) -> nn.Module:
    """One width and number of blocks per level; ``sides`` adds an auxiliary output per level but the finest."""
    return MiniSeg(dims, in_channels, out_channels, tuple(widths), tuple(blocks), sides)
