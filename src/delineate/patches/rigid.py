"""Rotations drawn in millimetres, as maps of voxel offsets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def draw_rotation(rng: np.random.Generator, dims: int, axes: Sequence[int], degrees: float) -> NDArray[np.float64]:
    """A rotation ``[dims, dims]`` that mixes ``axes`` only: an angle up to ``degrees`` either way for each pair."""
    limit = np.radians(degrees)
    rotation = np.eye(dims)
    for a, b in [(a, b) for a in axes for b in axes if a < b]:
        rotation = rotation @ _turn(dims, a, b, rng.uniform(-limit, limit))
    return rotation


def in_voxels(matrix_mm: NDArray[np.float64], spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    """A map of offsets in millimetres as one of offsets in voxels."""
    spacing = np.asarray(spacing_mm)
    return matrix_mm * spacing / spacing[:, None]


def _turn(dims: int, a: int, b: int, angle: float) -> NDArray[np.float64]:
    matrix = np.eye(dims)
    matrix[[a, a, b, b], [a, b, a, b]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
    return matrix
