"""Ladders: the sizes a planner tries, from the largest to the smallest."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from delineate.plan.topology import fit_patch

PRESETS = {2: {"S": 32, "M": 64, "L": 96}, 3: {"S": 16, "M": 32, "L": 48}}
"""Widths of the first stage by a letter; M are nnU-Net's."""


@dataclass(frozen=True)
class Rung:
    """A patch of at most ``voxels`` voxels, about ``step_voxels`` of them in a step, and the width of the network's
    first stage where the planner chooses it."""

    voxels: int
    step_voxels: int
    width: int = 0

    def batch(self, patch: tuple[int, ...]) -> int:
        """Patches per step."""
        return min(max(round(self.step_voxels / prod(patch)), 2), 16)


_STEP_VOXELS = {2: 640 * 1024, 3: 180 * 1024}

# widths are multiples of 8: on a CPU, convolutions of 12 channels take longer than those of 16
_SIZED = {
    2: (
        (64, 512), (48, 512), (32, 512), (32, 384), (32, 256), (24, 256), (16, 256), (16, 192), (16, 128), (8, 128),
        (8, 64),
    ),
    3: (
        (32, 128), (32, 112), (32, 96), (24, 96), (24, 80), (16, 80), (16, 72), (16, 64), (16, 56), (16, 48), (8, 48),
        (8, 40), (8, 32),
    ),
}  # fmt: skip
_FIXED = {2: (512, 384, 256, 192, 160, 128, 96, 64), 3: (128, 112, 96, 80, 64, 56, 48, 40, 32)}
_FEWER = (1, 4, 16)
"""A network of a fixed size that is too slow for its patch sees fewer patches in a step."""

SIZED = {dims: tuple(Rung(edge**dims, _STEP_VOXELS[dims], width) for width, edge in _SIZED[dims]) for dims in (2, 3)}
"""For networks whose width the planner chooses."""
FIXED = {
    dims: tuple(Rung(edge**dims, _STEP_VOXELS[dims] // fewer) for fewer in _FEWER for edge in _FIXED[dims])
    for dims in (2, 3)
}
"""For networks as they are."""


def multiple_patch(shape: tuple[int, ...], spacing_mm: tuple[float, ...], voxels: int, stride: int) -> tuple[int, ...]:
    """`fit_patch` for a network that divides every axis by ``stride``: multiples of it, no longer than needed."""
    patch = fit_patch(shape, spacing_mm, voxels)
    edges = []
    for p, n in zip(patch, shape, strict=True):
        whole = -(-n // stride) * stride
        edges.append(whole if p >= n else min(max(round(p / stride), 1) * stride, whole))
    return tuple(edges)
