"""Medical Transformer: gated axial attention on the whole picture and on its patches."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.gated_axial import AxialBlock
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.resize import resize

VARIANTS = {
    "medt": ("gated", "none"),
    "logo": ("plain", "plain"),
    "gated_axial": ("gated", None),
    "axialunet": ("plain", None),
}
"""Relative positions of the global branch, and of the local branch; None without one."""

CARD = NetCard(
    title="MedT (Medical Transformer)",
    paper="Valanarasu, Oza, Hacihaliloglu, Patel: Medical Transformer: Gated Axial-Attention for Medical Image "
    "Segmentation. MICCAI 2021",
    dims=(2,),
    flat_only="a volume in 4x4x4 patches is not in the paper, and the scores of all its lines fill the memory; take "
    "segformer_b0 or swinunet",
    stride=64,
    differs="any size: the picture is padded to a multiple of 64 (16 without a local branch), the 4x4 patches are as "
    "large as that makes them (in the reference always 32x32), and relative positions are interpolated; all patches go "
    "through the local branch as one batch, whose statistics they share; gates learn from the start (the reference "
    "freezes them for ten epochs); as in the reference, batch norm after the gates of the scores takes most of their "
    "effect away",
    verified="parameters equal those of jeya-maria-jose/Medical-Transformer: gated and axialunet exactly, logo without "
    "a second classifier its code never calls (340), medt without that and eight convolutions it never calls (35,536); "
    "attention along both axes against loops",
    small={"width": 4, "stem": 8, "depths": (1, 1, 1, 1), "groups": 2, "image_size": 64},
)


class AxialBranch(nn.Module):
    """A stem to 1/2, stages of axial blocks (each but the first halves the size) and a decoder that adds skips.

    With a ``bottom`` there is a convolution that halves once more below the last stage. ``[b, in, y, x]``, a multiple
    of ``2 ** stages``, to ``[b, 2 * width, y, x]``.
    """

    def __init__(  # noqa: PLR0913
        self,
        in_channels: int,
        first: int,
        width: int,
        stem: int,
        depths: Sequence[int],
        groups: int,
        image_size: int,
        positions: str,
        bottom: bool,
        attention_gib: float,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            conv_unit(2, in_channels, first, 7, 2), conv_unit(2, first, stem), conv_unit(2, stem, first)
        )
        self.stages, inputs, length = nn.ModuleList(), first, max(1, image_size // 2)
        for i, count in enumerate(depths):
            blocks = []
            for j in range(count):
                stride = 2 if i and not j else 1
                blocks.append(AxialBlock(inputs, 2 * width << i, groups, length, positions, stride, attention_gib))
                inputs, length = 4 * width << i, max(1, length // stride)
            self.stages.append(nn.Sequential(*blocks))
        self.bottom = nn.Conv2d(inputs, inputs, 3, 2) if bottom else None
        self.ups = nn.ModuleList(
            nn.Conv2d(4 * width << i, 2 * width << i, 3, 1, 1) for i in reversed(range(len(depths)))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See the class."""
        maps = [self.stem(x)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        y = maps.pop()
        if self.bottom is not None:
            # padded by hand: within the layer, bfloat16 on a CPU gives NaN gradients for a map of one voxel
            y = y + F.relu(resize(self.bottom(F.pad(y, (1, 1, 1, 1))), y.shape[2:]))
        sizes = [m.shape[2:] for m in maps[:0:-1]] + [x.shape[2:]]
        for up, size in zip(self.ups, sizes, strict=True):
            y = F.relu(resize(up(y), size))
            y = y + maps.pop() if len(maps) > 1 else y
        return y


class MedT(nn.Module):
    """Logits of the sum of a global branch and, if there is one, of a local branch on patches."""

    def __init__(
        self, in_channels: int, out_channels: int, width: int, whole: nn.Module, local: nn.Module | None, grid: int
    ) -> None:
        super().__init__()
        self.in_channels, self.grid, self.whole, self.local = in_channels, grid, whole, local
        self.join = nn.Conv2d(width, width, 3, padding=1) if local else None
        self.classify = nn.Conv2d(width, out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, y, x]`` to logits ``[b, out, y, x]``."""
        check_input(x, 2, self.in_channels)
        padded = pad_to_multiple(x, (16 * (self.grid if self.local else 1),) * 2)
        y = self.whole(padded)
        if self.local is not None and self.join is not None:
            patches = self.local(to_patches(padded, self.grid))
            y = F.relu(self.join(y + from_patches(patches, self.grid)))
        return crop_to(self.classify(y), x.shape[2:])


def to_patches(x: torch.Tensor, grid: int) -> torch.Tensor:
    """``[b, c, grid * y, grid * x]`` to ``[b * grid * grid, c, y, x]``."""
    x = x.unflatten(3, (grid, -1)).unflatten(2, (grid, -1))  # [b, c, grid, y, grid, x]
    return x.permute(0, 2, 4, 1, 3, 5).flatten(0, 2)


def from_patches(x: torch.Tensor, grid: int) -> torch.Tensor:
    """What `to_patches` cut."""
    x = x.unflatten(0, (-1, grid, grid)).permute(0, 3, 1, 4, 2, 5)
    return x.flatten(4, 5).flatten(2, 3)


@network("medt", CARD)
def build_medt(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    variant: str = "medt",
    width: int = 8,
    stem: int = 128,
    depths: Sequence[int] = (1, 2, 4, 1),
    groups: int = 8,
    grid: int = 4,
    image_size: int = 128,
    attention_gib: float = 2.0,
) -> nn.Module:
    """``variant``: medt; logo (both branches with plain positions); gated_axial or axialunet (one branch of all four
    stages, positions gated or plain). ``width`` are the stem's channels, ``stem`` those of its middle; each stage has
    twice those of the one before. ``grid`` patches per axis; positions are learned for pictures of ``image_size``. The
    scores of one attention may take ``attention_gib``.
    """
    if variant not in VARIANTS or min(width, groups, grid) < 1 or width % groups or len(depths) != 4 or min(depths) < 1:
        raise UsageError(
            f"variant={variant!r}, width={width}, groups={groups}, grid={grid}, depths={tuple(depths)}",
            f"one of {', '.join(VARIANTS)}, a width divisible by groups, a grid of 1 or more, and four depths",
        )
    positions, inner = VARIANTS[variant]
    stages = depths if inner is None else depths[:2]
    whole = AxialBranch(
        in_channels, width, width, stem, stages, groups, image_size, positions, inner is None, attention_gib
    )
    local = None
    if inner is not None:  # its stem is as wide as the second stage's output: so are the published weights
        local = AxialBranch(
            in_channels, 8 * width, width, stem, depths, groups, image_size // grid, inner, True, attention_gib
        )
    return MedT(in_channels, out_channels, 2 * width, whole, local, grid)
