"""What a plan costs: memory by formula, steps by time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from delineate.plan.plan import Stage

BASE_BYTES = 450 * 1024**2
"""The program itself: Python, torch and its libraries, kernels' workspaces (measured, see benchmarks/results)."""
STORE_CACHE_BYTES = 256 * 1024**2
"""The store keeps data sets up to this size decompressed."""
MAPPED = 2
"""Of larger ones it maps files of so many times that size: their pages count, though the system may take them back."""
STORE_SHARE = 8
"""Of a small budget the store takes no more than this part: one eighth."""
TINY_BYTES = 4 * 1024**2
"""Cases up to this size are kept decompressed, as far as they fit, whatever the size of the data set."""
RECORD_BYTES = 12 * 1024
"""What is known of each case in memory: its files, how it was prepared, its checksums (measured on 10,000 cases)."""
RESERVE = 0.85
"""Plans aim at this share of the memory asked for; the rest absorbs what formulas do not see."""
RESTORE_VOXELS = 4_000_000
"""Voxels that are restored to the scan's grid at a time."""

WINDOW_VOXELS = 300_000
"""Windows are answered together up to about this many voxels: more gains no speed and costs memory."""

TRAINED_COPIES = 6
"""Weights, gradients, two moments, the moving average and the network that is scored with it, in float32."""
TIMED_COPIES = 2
"""A network whose step is only timed has weights and gradients."""


def train_bytes(
    parameters: int,
    activations: int,
    batch: int,
    value_bytes: int = 4,
    logits: int = 0,
    copies: int = TRAINED_COPIES,
) -> int:
    """Expected peak memory of training.

    There are ``copies`` of the parameters; computing in 16 bits takes one more of half that size. Activations are kept
    for the backward pass, while gradients and convolutions' workspaces come and go: measured, a factor of 1.6. The loss
    makes about three arrays of the size of a patch's ``logits``.
    """
    weights = (copies * 4 + (2 if value_bytes == 2 else 0)) * parameters
    return BASE_BYTES + weights + int(1.6 * value_bytes * activations * batch) + 12 * logits * batch


def predict_bytes(parameters: int, voxels: int, channels: int, whole: int = 0) -> int:
    """Expected peak memory of predicting the largest case while a training is held in memory, windows and slabs (see
    `forward_bytes`, `slab_bytes`) left out.

    Per voxel: the prepared image and ``whole`` logits (those summed over several axes) in float32, and about 8 bytes
    for masks and the raw truth.
    """
    return BASE_BYTES + 6 * 4 * parameters + voxels * (4 * channels + 4 * whole + 8)


def windows_at_once(patch: Sequence[int]) -> int:
    """How many windows hold about `WINDOW_VOXELS` together; one at least."""
    return max(1, WINDOW_VOXELS // math.prod(patch))


def forward_bytes(stage: Stage, outputs: int, windows: int, value_bytes: int = 4, alive: int = 0) -> int:
    """What answering so many windows at once takes: some maps at full resolution, most of them the first stage's, and
    the logits twice (measured; widths that are not told are taken to be 32); or ``alive`` numbers where they were
    counted."""
    if alive:
        return windows * (value_bytes * alive + 8 * outputs * math.prod(stage.patch))
    widths = stage.net.options.get("widths", (32,))
    return windows * math.prod(stage.patch) * (9 * value_bytes * int(widths[0]) + 8 * outputs)


def slab_bytes(shape: Sequence[int], patch: Sequence[int], outputs: int) -> int:
    """What reading logits slice after slice takes: the sums of as many slices as a window is deep and one slab needs,
    and the slab while it is restored."""
    plane = max(1, math.prod(shape[1:]))
    slices = min(shape[0], (1 if len(patch) == 2 else patch[0]) + max(1, RESTORE_VOXELS // plane))
    return 4 * (outputs + 1) * plane * slices + 20 * min(RESTORE_VOXELS, math.prod(shape))


def store_limit(budget_bytes: int) -> int:
    """How much the store may keep decompressed."""
    return min(STORE_CACHE_BYTES, budget_bytes // STORE_SHARE)


def store_bytes(voxels: Sequence[float], channels: int, limit: int = STORE_CACHE_BYTES, label_bytes: int = 1) -> int:
    """What the store holds of cases of so many ``voxels`` each: records of all, and the cases decompressed (float16
    images and the ``label_bytes`` of an id) if they fit ``limit`` together. Otherwise the tiny ones are, up to the
    limit, and the files of the others are mapped, which are about half as large, up to twice the limit; never less than
    the limit, so that a little more memory does not mean much more of it for the store."""
    sizes = [v * (2 * channels + label_bytes) for v in voxels]
    held = sum(sizes)
    if held > limit:
        tiny = sum(s for s in sizes if s <= TINY_BYTES)
        kept = min(tiny, limit)
        held = kept + min(max((held - tiny) / 2, limit - kept), MAPPED * limit)
    return RECORD_BYTES * len(sizes) + int(held)


def steps_wanted(seconds: float, per_second: float = math.inf, fewest: int = 100) -> int:
    """How many steps a run of that length should have: no more than so many ``per_second``, but ``fewest`` at least.

    Too few and the schedule never anneals; too many and a larger network would have used the time better. The square
    root keeps both growing with time: 800 steps in 3 minutes, 1500 in 10, 2500 in 30, 17000 in a day.
    """
    return max(fewest, round(min(60 * math.sqrt(seconds), per_second * seconds)))
