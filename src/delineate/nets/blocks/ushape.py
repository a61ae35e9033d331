"""`UShape`: an encoder, a decoder that meets it at every resolution, and heads; two and three dimensions alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets.blocks.topology import Axes, Topology
from delineate.nets.blocks.unet_stage import ConvNorm, init_he, plain_stage
from delineate.nets.nd import check_input, conv, conv_up, crop_to, pad_to_multiple

StageBuilder = Callable[[int, int, Sequence[int], Sequence[int], int], nn.Module]


class Up(nn.Module):
    """One step up: transposed convolution, concatenation with the encoder's map, convolutions."""

    def __init__(self, below: int, width: int, kernel: Axes, stride: Axes, blocks: int) -> None:
        super().__init__()
        self.up = conv_up(below, width, stride)
        self.convs = plain_stage(2 * width, width, kernel, (1,) * len(kernel), blocks)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """``x`` of the stage below and the encoder's ``skip`` to the map of this stage."""
        return self.convs(torch.cat((self.up(x), skip), dim=1))


class UShape(nn.Module):
    """A U-Net of ``topology`` whose encoder stages are made by ``stage``, after a ``stem`` convolution if asked."""

    def __init__(
        self, topology: Topology, in_channels: int, out_channels: int, stage: StageBuilder, stem: bool
    ) -> None:
        super().__init__()
        t = topology
        self.topology, self.in_channels = t, in_channels
        ones = (1,) * t.dims
        self.stem = ConvNorm(in_channels, t.widths[0], t.kernels[0], ones) if stem else nn.Identity()
        widths = (t.widths[0] if stem else in_channels, *t.widths)
        per_stage = zip(widths, t.widths, t.kernels, t.strides, t.blocks, strict=False)
        self.encoder = nn.ModuleList(stage(*numbers) for numbers in per_stage)
        self.decoder = nn.ModuleList(
            Up(t.widths[i + 1], t.widths[i], t.kernels[i], t.strides[i + 1], t.decoder_blocks[i])
            for i in range(len(t.widths) - 1)
        )
        heads = max(1, t.heads)
        self.heads = nn.ModuleList(conv(w, out_channels, ones, ones, bias=True) for w in t.widths[:heads])
        self.auxiliaries = {f"deep{i}": Auxiliary(weight=0.5**i) for i in range(1, heads)}
        init_he(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor | dict[str, torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training with several heads,
        a dict: ``out``, and ``deep1`` and on of sizes ``ceil(size / scale)``."""
        check_input(x, self.topology.dims, self.in_channels)
        size = x.shape[2:]
        x = self.stem(pad_to_multiple(x, self.topology.scales[-1]))
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        x = skips.pop()
        wanted = len(self.heads) if self.training else 1
        logits: dict[str, torch.Tensor] = {}
        for i in reversed(range(len(self.decoder))):
            x = self.decoder[i](x, skips.pop())
            if i < wanted:
                smaller = [-(-n // s) for n, s in zip(size, self.topology.scales[i], strict=True)]
                logits[f"deep{i}" if i else "out"] = crop_to(self.heads[i](x), smaller)
        return dict(reversed(logits.items())) if len(logits) > 1 else logits["out"]
