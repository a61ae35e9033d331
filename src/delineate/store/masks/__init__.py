"""Masks of what a scan shows, found by classical means, one file each; a scan can be cropped to the box of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import UnknownNameError
from delineate.core.geometry import Triple, Triple_mm
from delineate.core.registry import Registry
from delineate.dataset.crop import Box, nonzero_box
from delineate.dataset.fingerprint import HU_AIR
from delineate.plan.preparation import PLAIN_CROPS

Bools = NDArray[np.bool_]
Mask = Callable[[NDArray[np.float32], Triple_mm], Bools]
"""From one channel (z up, y back, x left) and its spacing to a mask of the same shape; empty where nothing is found."""

MASKS: Registry[Mask] = Registry("mask", "delineate.store.masks")

_BLOCK_MM = 3.0


def refuse_unknown_crop(name: str) -> None:
    """See to it that what a person asked for exists, before any work.

    Raises:
        UnknownNameError: no crop has that name; those there are are listed.
    """
    if name not in ("auto", *PLAIN_CROPS) and name not in MASKS:
        known = ", ".join(("auto", *PLAIN_CROPS, *MASKS.names()))
        raise UnknownNameError(f"no crop is named {name!r}", f"one of {known}", "correct prepare.crop")


def mask_box(channels_czyx: NDArray[Any], spacing_mm: Triple_mm, name: str, margin_mm: float) -> Box:
    """The box around a mask and ``margin_mm`` more on each side, within the array; all of it where nothing is found.

    The mask is computed on blocks of about 3 mm, which is enough for a box and fast; the box is rounded outwards.
    Where a channel is in Hounsfield units the first such is looked at, else the first.

    Raises:
        UnknownNameError: no such mask.
    """
    channel = next((c for c in channels_czyx if in_hu(c)), channels_czyx[0])
    step = _blocks(channel.shape, spacing_mm)
    coarse_mm = tuple(s * n for s, n in zip(spacing_mm, step, strict=True))
    coarse = block_means(channel, step)
    mask = MASKS[name](coarse, coarse_mm) if np.isfinite(coarse).all() else np.zeros(1, bool)  # type: ignore[arg-type]
    if not mask.any():
        return (0, 0, 0), channel.shape  # type: ignore[return-value]
    first, size = nonzero_box(mask[None])
    spans = []
    for axis in range(3):
        margin = step[axis] + int(np.ceil(margin_mm / spacing_mm[axis]))  # a block may hold a rim of body unseen
        low = max(0, first[axis] * step[axis] - margin)
        high = min(channel.shape[axis], (first[axis] + size[axis]) * step[axis] + margin)
        spans.append((low, high - low))
    (a, i), (b, j), (c, k) = spans
    return (a, b, c), (i, j, k)


def in_hu(channel_zyx: NDArray[Any]) -> bool:
    """Whether the numbers look like Hounsfield units: the darkest are those of air, or of padding below it."""
    return float(channel_zyx.min()) <= HU_AIR[1]


def block_means(channel_zyx: NDArray[Any], step: Triple) -> NDArray[np.float32]:
    """The means of blocks of ``step`` voxels, the last of each axis perhaps smaller; float32, slab by slab."""
    starts = [np.arange(0, n, s) for n, s in zip(channel_zyx.shape, step, strict=True)]
    counts = [np.diff(np.append(b, n)) for b, n in zip(starts, channel_zyx.shape, strict=True)]
    out = np.empty([len(b) for b in starts], np.float32)
    for k, z in enumerate(starts[0]):
        plane = channel_zyx[z : z + counts[0][k]].sum(axis=0, dtype=np.float64)
        plane = np.add.reduceat(np.add.reduceat(plane, starts[1], axis=0), starts[2], axis=1)
        out[k] = plane / (counts[0][k] * np.outer(counts[1], counts[2]))
    return out


def _blocks(shape: tuple[int, ...], spacing_mm: Triple_mm) -> Triple:
    z, y, x = (max(1, min(n, round(_BLOCK_MM / s))) for n, s in zip(shape, spacing_mm, strict=True))
    return z, y, x
