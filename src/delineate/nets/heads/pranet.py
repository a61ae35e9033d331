"""Parallel reverse attention: a coarse guess of the deep maps, corrected three times where it found nothing."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.partial_decoder import PartialDecoder
from delineate.nets.blocks.receptive_field import ReceptiveField
from delineate.nets.blocks.reverse_attention import SIDES, Refinement, ReverseStage
from delineate.nets.head import HEADS

DEEP = 3
"""Maps it takes, the last ones."""


@HEADS.register("pranet")
class PraNetHead(nn.Module):
    """Receptive-field blocks on the last three maps, a partial decoder, and reverse attention on the maps themselves.

    Fan, Ji, Zhou, Chen, Fu, Shen, Shao: PraNet: Parallel Reverse Attention Network for Polyp Segmentation. MICCAI 2020.
    All four steps have logits of every class, and all are supervised. ``width`` are the channels of the decoder,
    ``deep_width`` those of the correction of the deepest map, ``stage_width`` of the others. ``background`` tells that
    the first channel is the background; see `left_out`. ``guided`` are channels a stage gets besides (Inf-Net).
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int = 32,
        deep_width: int = 256,
        stage_width: int = 64,
        background: bool = True,
        guided: int = 0,
    ) -> None:
        super().__init__()
        coarse_first = deep_channels(channels)[::-1]
        self.fields = nn.ModuleList(ReceptiveField(dims, c, width) for c in coarse_first)
        self.decode = PartialDecoder(dims, width, out_channels)
        stages = []
        for i, c in enumerate(coarse_first):
            inner = stage_width if i else deep_width
            body = _correction(dims, inner + guided, inner, out_channels, deepest=i == 0)
            stages.append(ReverseStage(conv_unit(dims, c, inner, 1, act="none"), body, background))
        self.refine = Refinement(stages)
        self.auxiliaries = {name: Auxiliary(weight=1.0) for name in SIDES}

    def forward(
        self, maps: list[torch.Tensor], guidance: torch.Tensor | None = None
    ) -> torch.Tensor | dict[str, torch.Tensor]:
        """Maps, finest first, to logits at the size of the third last; in training a dict, with those before them."""
        coarse_first = maps[: -DEEP - 1 : -1]
        seen = [field(x) for field, x in zip(self.fields, coarse_first, strict=True)]
        outputs: dict[str, torch.Tensor] = self.refine(coarse_first, self.decode(*seen), guidance)
        return outputs if self.training else outputs["out"]


def deep_channels(channels: Sequence[int]) -> tuple[int, ...]:
    """Channels of the last three maps.

    Raises:
        UsageError: there are fewer.
    """
    if len(channels) < DEEP:
        raise UsageError(f"a partial decoder on {len(channels)} maps", f"a backbone of at least {DEEP}")
    return tuple(channels[-DEEP:])


def _correction(dims: int, in_channels: int, width: int, out_channels: int, deepest: bool) -> nn.Module:
    """Convolutions with ReLU, three 5-wide ones for the deepest map and two 3-wide ones for others, and one to logits,
    1-wide or 3-wide, which batch norm follows too."""
    kernel, count = (5, 3) if deepest else (3, 2)
    units = [conv_unit(dims, width if i else in_channels, width, kernel) for i in range(count)]
    return nn.Sequential(*units, conv_unit(dims, width, out_channels, 1 if deepest else 3, act="none"))
