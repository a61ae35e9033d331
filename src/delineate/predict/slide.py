"""`slide`: a window moved over a prepared scan, its answers blended with Gaussian weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from delineate.patches.planes import slab_of
from delineate.patches.stitch import Stitcher
from delineate.patches.tile import tile
from delineate.predict.engine import Engine

T = TypeVar("T")

_WINDOW_VOXELS = 300_000
"""Windows are answered together up to about this many voxels: more gains no speed and costs memory."""


def slide(
    engine: Engine,
    image_czyx: NDArray[np.float32],
    patch: Sequence[int],
    channels: int,
    overlap: float = 0.5,
    slices: int = 1,
) -> NDArray[np.float32]:
    """Logits ``[channels, z, y, x]`` of a prepared image ``[c, z, y, x]``.

    A ``patch`` of two numbers slides over every slice of the first axis, which brings its neighbours along where
    ``slices`` is above 1. Windows overlap by ``overlap`` and are
    weighted by a Gaussian (Isensee et al. 2021). What a window sees beyond the scan is 0, as in training.
    """
    image = torch.from_numpy(np.ascontiguousarray(image_czyx, dtype=np.float32))
    if len(patch) == 2:
        return _slide_slices(engine, image, patch, channels, overlap, slices)
    return _slide_box(engine, image, patch, channels, overlap).numpy()


def _slide_slices(
    engine: Engine, image: Tensor, patch: Sequence[int], channels: int, overlap: float, slices: int
) -> NDArray[np.float32]:
    """Every slice on its own; slices that fit one window are answered several at a time."""
    depth, shape = image.shape[1], tuple(image.shape[2:])
    logits = torch.empty((channels, depth, *shape), dtype=torch.float32)
    if all(n <= p for n, p in zip(shape, patch, strict=True)):
        for chunk in _chunks(range(depth), max(1, _WINDOW_VOXELS // int(np.prod(patch)))):
            windows = torch.stack([_cut(slab_of(image, z, slices), (0, 0), patch) for z in chunk])
            logits[:, chunk[0] : chunk[-1] + 1] = engine(windows)[..., : shape[0], : shape[1]].transpose(0, 1)
        return logits.numpy()
    for z in range(depth):
        logits[:, z] = _slide_box(engine, slab_of(image, z, slices), patch, channels, overlap)
    return logits.numpy()


def _slide_box(engine: Engine, image: Tensor, patch: Sequence[int], channels: int, overlap: float) -> Tensor:
    shape = tuple(image.shape[1:])
    if all(n <= p for n, p in zip(shape, patch, strict=True)):
        answer = engine(_cut(image, [0] * len(patch), patch)[None])[0]
        return answer[(slice(None), *(slice(0, n) for n in shape))]
    stitcher = Stitcher(channels, shape, patch)
    for starts in _chunks(tile(shape, patch, overlap), max(1, _WINDOW_VOXELS // int(np.prod(patch)))):
        for start, answer in zip(starts, engine(torch.stack([_cut(image, s, patch) for s in starts])), strict=True):
            stitcher.add(start, answer)
    return stitcher.result()


def _cut(image: Tensor, start: Sequence[int], patch: Sequence[int]) -> Tensor:
    """The window at ``start``, zeros where it reaches over the end."""
    inside = image[(slice(None), *(slice(s, s + p) for s, p in zip(start, patch, strict=True)))]
    if inside.shape[1:] == tuple(patch):
        return inside
    window = torch.zeros((image.shape[0], *patch), dtype=image.dtype)
    window[(slice(None), *(slice(0, n) for n in inside.shape[1:]))] = inside
    return window


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]
