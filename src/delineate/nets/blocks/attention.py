"""`attend`: every voxel of a map looks at every voxel of another; `lines`, to look along one axis only; and the refusal
of maps that would not fit."""

from __future__ import annotations

from math import prod

import torch

from delineate.core.errors import UsageError

_BYTES, _GIB = 4, 2**30


def check_attention(batch: int, queries: int, keys: int, limit_gib: float) -> None:
    """Refuse, before anything is allocated, weights from ``queries`` voxels to ``keys`` voxels that need too much.

    What is counted is one map of ``batch * queries * keys`` numbers in float32, as softmax keeps it for the gradient;
    the peak is two to three times that.

    Raises:
        UsageError: it exceeds ``limit_gib``.
    """
    gib = batch * queries * keys * _BYTES / _GIB
    if gib <= limit_gib:
        return
    raise UsageError(
        f"attention of {queries} to {keys} voxels in a batch of {batch}: one map takes {gib:.1f} GiB",
        f"at most {limit_gib:g} GiB, which at this batch is {int(limit_gib * _GIB / _BYTES / batch)} pairs of voxels",
        "take a smaller patch or batch, a larger output_stride, a network whose attention is linear in the voxels "
        "(ann, emanet), or raise the option attention_gib",
    )


def lines(x: torch.Tensor, axis: int) -> torch.Tensor:
    """The lines of a map along one of its spatial axes: ``[b, c, *size]`` to ``[b, *the other axes, length, c]``."""
    return x.movedim(1, -1).movedim(1 + axis, -2)


def attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float = 1.0, limit_gib: float = 2.0
) -> torch.Tensor:
    """Dot-product attention of maps: ``[b, k, *q]``, ``[b, k, *m]``, ``[b, v, *m]`` to ``[b, v, *q]``.

    The weights of one query are the softmax of ``scale`` times its products with all keys. Sizes ``q`` and ``m`` may
    differ in length too: what counts is the number of voxels.

    Raises:
        UsageError: the weights would exceed ``limit_gib``.
    """
    check_attention(query.shape[0], prod(query.shape[2:]), prod(key.shape[2:]), limit_gib)
    scores = (query.flatten(2) * scale).transpose(1, 2) @ key.flatten(2)
    weights = torch.softmax(scores, dim=-1)
    out = value.flatten(2) @ weights.to(value.dtype).transpose(1, 2)
    return out.reshape(*value.shape[:2], *query.shape[2:])
