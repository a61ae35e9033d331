"""BiSeNet V2: a wide shallow branch for detail, a narrow deep one for meaning, and gates between them."""

from __future__ import annotations

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets.blocks.conv_unit import conv_unit, same_conv
from delineate.nets.blocks.local_mean import LocalMean
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.norm import BatchNorm
from delineate.nets.resize import resize, upsample

STRIDE = 32
EXPANSION = 6
BOOSTERS = ("stem", "stage3", "stage4", "stage5")

CARD = NetCard(
    title="BiSeNet V2",
    paper="Yu, Gao, Wang, Yu, Shen, Sang: BiSeNet V2: Bilateral Network with Guided Aggregation for Real-time Semantic "
    "Segmentation. IJCV 2021",
    stride=STRIDE,
    differs="auxiliary heads and the ReLU after the aggregation as in CoinCheung/BiSeNet; the gates are enlarged by "
    "linear interpolation, as in the paper; the input is padded to a multiple of 32",
    verified="parameter count equal to CoinCheung/BiSeNet with and without the auxiliary heads; with shared "
    "weights it gives what BiSeNetV2 and FCNHead of mmsegmentation 1.2.2 give (2D, sizes of multiples of 32)",
    small={"width": 16, "head_width": 16, "booster_width": 8},
)


class Stem(nn.Module):
    """To a quarter of the size two ways at once: striding convolutions, and max-pooling."""

    def __init__(self, dims: int, in_channels: int, width: int) -> None:
        super().__init__()
        self.first = conv_unit(dims, in_channels, width, 3, 2)
        self.left = nn.Sequential(conv_unit(dims, width, width // 2, 1), conv_unit(dims, width // 2, width, 3, 2))
        self.right = Layers(dims).max_pool(3, 2, 1)
        self.fuse = conv_unit(dims, 2 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, width, *(size / 4)]``."""
        x = self.first(x)
        return self.fuse(torch.cat((self.left(x), self.right(x)), dim=1))


class GatherExpansion(nn.Module):
    """A convolution, a depthwise one to 6 times the width (two where it strides), back by a 1-wide one, plus the input
    (where it strides: through a striding depthwise and a 1-wide convolution)."""

    def __init__(self, dims: int, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        wide = EXPANSION * in_channels
        body = [conv_unit(dims, in_channels, in_channels)]
        if stride > 1:
            body.append(conv_unit(dims, in_channels, wide, 3, stride, groups=in_channels, act="none"))
            body.append(conv_unit(dims, wide, wide, 3, groups=wide))
        else:
            body.append(conv_unit(dims, in_channels, wide, 3, groups=in_channels))
        self.body = nn.Sequential(*body, conv_unit(dims, wide, out_channels, 1, act="none"))
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut.append(conv_unit(dims, in_channels, in_channels, 3, stride, groups=in_channels, act="none"))
            self.shortcut.append(conv_unit(dims, in_channels, out_channels, 1, act="none"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to ``[b, out, *(size / stride)]``."""
        return torch.relu(self.body(x) + self.shortcut(x))


class ContextEmbedding(nn.Module):
    """The mean over all voxels, through batch norm and a 1-wide convolution, added everywhere."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Sequential(BatchNorm(width), conv_unit(dims, width, width, 1))
        self.last = conv_unit(dims, width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, width, *size]`` to the same."""
        mean = x.mean(dim=tuple(range(2, x.ndim)), keepdim=True)
        return self.last(x + self.embed(mean))


class GuidedAggregation(nn.Module):
    """Each branch gates the other, at an eighth and at a thirty-second of the size; the two are then added."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.detail_fine = nn.Sequential(
            conv_unit(dims, width, width, 3, groups=width, act="none"), same_conv(dims, width, width, 1)
        )
        self.detail_coarse = nn.Sequential(conv_unit(dims, width, width, 3, 2, act="none"), LocalMean(dims, 2))
        self.meaning_fine = conv_unit(dims, width, width, act="none")
        self.meaning_coarse = nn.Sequential(
            conv_unit(dims, width, width, 3, groups=width, act="none"), same_conv(dims, width, width, 1)
        )
        self.fuse = conv_unit(dims, width, width)

    def forward(self, detail: torch.Tensor, meaning: torch.Tensor) -> torch.Tensor:
        """Maps at 1/8 and at 1/32 to one at 1/8."""
        size = detail.shape[2:]
        fine = self.detail_fine(detail) * torch.sigmoid(resize(self.meaning_fine(meaning), size))
        coarse = self.detail_coarse(detail) * torch.sigmoid(self.meaning_coarse(meaning))
        return self.fuse(fine + resize(coarse, size))


class SegHead(nn.Module):
    """A convolution, dropout and 1-wide logits; an auxiliary one, of a map ``scale`` times smaller than the image,
    first doubles the size and has a second convolution, to ``scale`` squared channels."""

    def __init__(self, dims: int, in_channels: int, width: int, out_channels: int, scale: int = 0) -> None:
        super().__init__()
        self.body = nn.Sequential(conv_unit(dims, in_channels, width), Layers(dims).dropout(0.1))
        self.enlarge = conv_unit(dims, width, scale**2) if scale else None
        self.classify = same_conv(dims, scale**2 if scale else width, out_channels, 1, bias=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits of that size or, if auxiliary, of twice that."""
        x = self.body(x)
        return self.classify(x if self.enlarge is None else self.enlarge(upsample(x)))


class BiSeNetV2(nn.Module):
    """Both branches, their aggregation and its head; in training the booster heads on the semantic branch."""

    def __init__(
        self,
        dims: int,
        in_channels: int,
        out_channels: int,
        width: int,
        head_width: int,
        booster_width: int,
        boosters: bool,
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        half, quarter, eighth = width // 2, width // 4, width // 8
        self.detail = nn.Sequential(
            *(conv_unit(dims, in_channels if i == 0 else half, half, 3, 2 if i in (0, 2) else 1) for i in range(5)),
            *(conv_unit(dims, half if i == 0 else width, width, 3, 1 if i else 2) for i in range(3)),
        )
        self.stages = nn.ModuleDict(
            {
                "stem": Stem(dims, in_channels, eighth),
                "stage3": _stage(dims, eighth, quarter, 2),
                "stage4": _stage(dims, quarter, half, 2),
                "stage5": _stage(dims, half, width, 4),
            }
        )
        self.context = ContextEmbedding(dims, width)
        self.aggregate = GuidedAggregation(dims, width)
        self.head = SegHead(dims, width, head_width, out_channels)
        tapped = zip(BOOSTERS, (eighth, quarter, half, width), (4, 8, 16, 32), strict=True)
        self.boosters = nn.ModuleDict(
            {name: SegHead(dims, w, booster_width, out_channels, s) for name, w, s in tapped if boosters}
        )
        self.auxiliaries = {name: Auxiliary(weight=1.0) for name in self.boosters}

    def forward(self, x: torch.Tensor) -> torch.Tensor | dict[str, torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training also the boosters', at that size."""
        check_input(x, self.dims, self.in_channels)
        padded = pad_to_multiple(x, (STRIDE,) * self.dims)
        maps = {}
        meaning = padded
        for name, stage in self.stages.items():
            meaning = maps[name] = stage(meaning)
        outputs = {"out": self.head(self.aggregate(self.detail(padded), self.context(meaning)))}
        if self.training:
            outputs |= {name: head(maps[name]) for name, head in self.boosters.items()}
        outputs = {name: crop_to(resize(one, padded.shape[2:]), x.shape[2:]) for name, one in outputs.items()}
        return outputs if len(outputs) > 1 else outputs["out"]


def _stage(dims: int, in_channels: int, out_channels: int, blocks: int) -> nn.Module:
    """Gather-and-expansion layers, the first of which halves the size."""
    return nn.Sequential(
        *(GatherExpansion(dims, out_channels if i else in_channels, out_channels, 1 if i else 2) for i in range(blocks))
    )


@network("bisenetv2", CARD)
def build_bisenetv2(
    dims: int,
    in_channels: int,
    out_channels: int,
    width: int = 128,
    head_width: int = 1024,
    booster_width: int = 128,
    boosters: bool = True,
) -> nn.Module:
    """``width`` is that of both branches at their end; ``boosters`` adds the four auxiliary heads."""
    return BiSeNetV2(dims, in_channels, out_channels, width, head_width, booster_width, boosters)
