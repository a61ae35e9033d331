"""How much training patches are varied, by how often each voxel will be seen."""

from __future__ import annotations

from math import isinf
from typing import Literal

Strength = Literal["light", "standard", "strong"]

_PASSES = 20.0
"""Seen less often than this, a scan is not learned by heart: variation then only slows what is learned (measured, see
benchmarks/results/hippocampus.md)."""


def choose_strength(passes: float) -> tuple[Strength, str]:
    """The strength of augmentation for a training that goes through all voxels so often (infinitely often without a
    time limit), and why."""
    if passes < _PASSES:
        return "light", f"each voxel is seen about {passes:.2g} times, too seldom to be learned by heart"
    seen = "often" if isinf(passes) else f"about {passes:.3g} times"
    return "standard", f"each voxel is seen {seen}: new views keep it from being learned by heart"
