"""Maps at another size: networks interpolate to a size, never by a factor, so that every input size works."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional as F

_LINEAR = {3: "linear", 4: "bilinear", 5: "trilinear"}


def resize(x: torch.Tensor, size: Sequence[int], mode: str = "linear", align_corners: bool = False) -> torch.Tensor:
    """``[b, c, *old]`` at ``size`` by linear interpolation (``mode`` "linear") or the nearest voxel ("nearest")."""
    if tuple(x.shape[2:]) == tuple(size):
        return x
    if mode == "nearest":
        return F.interpolate(x, size=tuple(size), mode="nearest")
    return F.interpolate(x, size=tuple(size), mode=_LINEAR[x.ndim], align_corners=align_corners)


def upsample(x: torch.Tensor, factor: int = 2, mode: str = "linear") -> torch.Tensor:
    """``[b, c, *size]`` to ``[b, c, *(factor * size)]``."""
    return resize(x, [factor * n for n in x.shape[2:]], mode)


def fit_to(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """``x`` at the size of ``like``, by zeros after the end or by cutting: for maps that a stride made one voxel
    shorter or longer."""
    pad: list[int] = []
    for own, wanted in zip(reversed(x.shape[2:]), reversed(like.shape[2:]), strict=True):
        pad += [0, wanted - own]
    return F.pad(x, pad) if any(pad) else x
