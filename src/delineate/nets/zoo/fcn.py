"""FCN-32s, 16s and 8s: VGG-16 with its classifier as convolutions, and scores of coarse and fine maps added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from delineate.nets.backbones.vgg import VGG
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input
from delineate.nets.net import NetCard, network

BORDER = 100
"""Padding of the first convolution, so that any image fills the 7x7 window of the classifier."""

CROPS = {16: 5, 8: 9}
"""Where the scores of a finer map begin below the enlarged ones, by the finer map's stride (from `BORDER`)."""

FINAL_CROPS = {32: 19, 16: 27, 8: 31}
"""Where the image begins in the enlarged scores, by the finest map's stride."""


@dataclass(frozen=True)
class FcnForm:
    """How an FCN is made.

    ``width`` is of the two classifier convolutions, ``base`` of VGG's first, ``norm`` adds batch norm to VGG.
    ``padded`` is the paper's form: `BORDER` voxels around the image, and crops; otherwise all convolutions keep the
    size and cells stay centred. ``grouped`` enlarges every class by itself. ``at_once`` makes finer maps 100 and 10,000
    times smaller before they are scored, as in the authors' later training in one stage: for the weights of a VGG that
    saw pixels of 0 to 255 and has maps in the thousands; from other weights the finer scores would hardly count.
    """

    finest: int
    width: int
    base: int = 64
    norm: bool = False
    padded: bool = True
    grouped: bool = False
    at_once: bool = False
    dropout: float = 0.5

    @classmethod
    def of(  # noqa: PLR0913
        cls,
        dims: int,
        finest: int,
        width: int | None,
        base: int,
        norm: bool,
        padded: bool | None,
        grouped: bool | None,
        at_once: bool = False,
        dropout: float = 0.5,
    ) -> FcnForm:
        """With what None stands for: the paper's in 2D, and in 3D the form whose kernels fit into memory."""
        flat = dims == 2
        return cls(
            finest,
            (4096 if flat else 512) if width is None else width,
            base,
            norm,
            flat if padded is None else padded,
            not flat if grouped is None else grouped,
            at_once,
            dropout,
        )


class FullyConvolutional(nn.Module):
    """Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015.

    Scores of the map at 1/32 are enlarged twice and added to those of the map at 1/16, these to those at 1/8, as far as
    ``form.finest``; transposed convolutions, which start as linear interpolation, do the enlarging.
    """

    def __init__(self, dims: int, in_channels: int, out_channels: int, form: FcnForm) -> None:
        super().__init__()
        layers = Layers(dims)
        self.dims, self.in_channels, self.form = dims, in_channels, form
        self.encoder = VGG(dims, in_channels, 32, form.base, form.norm, BORDER if form.padded else 1)
        inputs, width = self.encoder.channels[-1], form.width
        self.classifier = nn.Sequential(
            layers.conv(inputs, width, 7, padding=0 if form.padded else 3),
            nn.ReLU(inplace=True),
            nn.Dropout(form.dropout),
            layers.conv(width, width, 1),
            nn.ReLU(inplace=True),
            nn.Dropout(form.dropout),
        )
        self.score = layers.conv(width, out_channels, 1)
        self.finer = [s for s in (16, 8) if s >= form.finest]
        sizes = dict(zip(self.encoder.strides, self.encoder.channels, strict=True))
        self.scores = nn.ModuleDict({str(s): layers.conv(sizes[s], out_channels, 1) for s in self.finer})
        self.ups = nn.ModuleDict({str(s): self._up(out_channels, 2) for s in self.finer})
        self.final = self._up(out_channels, form.finest)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        maps = dict(zip(self.encoder.strides, self.encoder(x), strict=True))
        out = self.score(self.classifier(maps[32]))
        for i, stride in enumerate(self.finer, 1):
            scale = 0.01**i if self.form.at_once else 1.0
            fine = self.scores[str(stride)](maps[stride] * scale)
            out = self.ups[str(stride)](out)
            if self.form.padded:
                out = out + _crop(fine, CROPS[stride], out.shape[2:])
            else:
                out = _crop(out, 0, fine.shape[2:]) + fine
        begin = FINAL_CROPS[self.form.finest] if self.form.padded else 0
        return _crop(self.final(out), begin, x.shape[2:]).contiguous()

    def _up(self, channels: int, factor: int) -> nn.Module:
        padding, groups = 0 if self.form.padded else factor // 2, channels if self.form.grouped else 1
        up = Layers(self.dims).conv_transpose(
            channels, channels, 2 * factor, factor, padding, groups=groups, bias=False
        )
        init_linear(up)
        return up


def init_linear(up: nn.ConvTranspose2d | nn.ConvTranspose3d) -> None:
    """Weights with which a transposed convolution interpolates linearly, every channel by itself; its kernel is twice
    its stride."""
    factor = up.stride[0]
    tent = 1 - (torch.arange(2 * factor) - (factor - 0.5)).abs() / factor
    kernel = tent
    for _ in up.stride[1:]:
        kernel = kernel[..., None] * tent
    with torch.no_grad():
        up.weight.zero_()
        for i in range(up.weight.shape[0]):
            up.weight[i, 0 if up.groups > 1 else i] = kernel.to(up.weight.device)


def _crop(x: torch.Tensor, begin: int, size: Sequence[int]) -> torch.Tensor:
    return x[(slice(None), slice(None), *(slice(begin, begin + n) for n in size))]


def _card(finest: int, width: int, verified: str) -> NetCard:
    """The card of the network whose finest map is at 1/``finest``; ``width`` is of the variant that is quick to try."""
    small = {"width": width, "base": 8, "norm": True, "padded": False, "grouped": True, "dropout": 0.0}
    return NetCard(
        title=f"FCN-{finest}s",
        paper="Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015",
        stride=32,
        learning_rate=1e-4,  # no norm tames 16 layers: a step of AdamW at 2e-3 moves the logits by thousands
        differs="transposed convolutions are learnt from linear interpolation on (the authors' released nets keep them "
        "fixed); in 3D by default 512 channels in the classifier, no border of 100 voxels, and every class enlarged by "
        "itself",
        small=small,
        verified=verified,
    )


@network("fcn32s", _card(32, 32, "parameter count of a port of the authors' network, exactly"))
def build_fcn32s(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    width: int | None = None,
    base: int = 64,
    norm: bool = False,
    padded: bool | None = None,
    grouped: bool | None = None,
    dropout: float = 0.5,
) -> nn.Module:
    """For the options see `FcnForm`; None is the paper's in 2D and what fits into memory in 3D."""
    form = FcnForm.of(dims, 32, width, base, norm, padded, grouped, dropout=dropout)
    return FullyConvolutional(dims, in_channels, out_channels, form)


def _add_finer(finest: int, card: NetCard) -> None:
    """Register FCN-16s or FCN-8s, which have scores of finer maps to scale."""

    @network(f"fcn{finest}s", card)
    def build(  # noqa: PLR0913
        dims: int,
        in_channels: int,
        out_channels: int,
        width: int | None = None,
        base: int = 64,
        norm: bool = False,
        padded: bool | None = None,
        grouped: bool | None = None,
        at_once: bool = False,
        dropout: float = 0.5,
    ) -> nn.Module:
        """For the options see `FcnForm`; None is the paper's in 2D and what fits into memory in 3D."""
        form = FcnForm.of(dims, finest, width, base, norm, padded, grouped, at_once, dropout)
        return FullyConvolutional(dims, in_channels, out_channels, form)


_add_finer(16, _card(16, 64, "parameter count by layer list; that logits lie over the image within 6 voxels"))
_add_finer(8, _card(8, 96, "parameter count of a port of the authors' network, exactly"))
