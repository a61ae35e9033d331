"""What a plan costs: memory by formula, steps by time."""

from __future__ import annotations

import math

BASE_BYTES = 700 * 1024**2
"""The program itself: Python, torch and its libraries, kernels' workspaces (measured, see benchmarks/results)."""
STORE_CACHE_BYTES = 256 * 1024**2
"""The store keeps data sets up to this size decompressed."""
RESERVE = 0.85
"""Plans aim at this share of the memory asked for; the rest absorbs what formulas do not see."""


def train_bytes(parameters: int, activations: int, batch: int, value_bytes: int = 4) -> int:
    """Expected peak memory of training.

    Weights, gradients, two moments and the moving average are five copies in float32. Activations are kept for the
    backward pass, and the largest of them exist twice while gradients flow: measured, a factor of 1.5.
    """
    return BASE_BYTES + 5 * 4 * parameters + int(1.5 * value_bytes * activations * batch)


def predict_bytes(parameters: int, voxels: int, channels: int, outputs: int, planes: int = 1) -> int:
    """Expected peak memory of predicting the largest case while a training is held in memory.

    Per voxel: the prepared image and the summed logits in float32, the sum of the windows' weights, and about 8 bytes
    for masks and the raw truth. Looking along several ``planes`` keeps their sum beside each one's logits.
    """
    return BASE_BYTES + 5 * 4 * parameters + voxels * (4 * channels + 4 * outputs * min(planes, 2) + 4 + 8)


def store_bytes(voxels: int, channels: int) -> int:
    """Prepared cases kept decompressed: float16 images and one byte of label, up to the store's limit."""
    return min(voxels * (2 * channels + 1), STORE_CACHE_BYTES)


def steps_wanted(seconds: float) -> int:
    """How many steps a run of that length should have.

    Too few and the schedule never anneals; too many and a larger network would have used the time better. The square
    root keeps both growing with time: 800 steps in 3 minutes, 1500 in 10, 2500 in 30, 17000 in a day.
    """
    return max(100, round(60 * math.sqrt(seconds)))
