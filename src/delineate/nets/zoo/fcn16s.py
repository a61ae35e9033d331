"""FCN-16s."""

from __future__ import annotations

from torch import nn

from delineate.nets.fully_convolutional import FcnForm, FullyConvolutional
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="FCN-16s",
    paper="Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015",
    stride=32,
    differs="transposed convolutions are learnt from linear interpolation on (the authors' released nets keep them "
    "fixed); in 3D by default 512 channels in the classifier, no border of 100 voxels, and every class enlarged by "
    "itself",
    small={"width": 64, "base": 8, "norm": True, "padded": False, "grouped": True, "dropout": 0.0, "at_once": False},
    verified="parameter count by layer list; that logits lie over the image within 6 voxels",
)


@network("fcn16s", CARD)
def build_fcn16s(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    width: int | None = None,
    base: int = 64,
    norm: bool = False,
    padded: bool | None = None,
    grouped: bool | None = None,
    at_once: bool = True,
    dropout: float = 0.5,
) -> nn.Module:
    """For the options see `FcnForm`; None is the paper's in 2D and what fits into memory in 3D."""
    form = FcnForm.of(dims, 16, width, base, norm, padded, grouped, at_once, dropout)
    return FullyConvolutional(dims, in_channels, out_channels, form)
