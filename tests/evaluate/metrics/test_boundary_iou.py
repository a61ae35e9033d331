"""Rims, against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair


def rim(mask: np.ndarray, spacing: tuple[float, ...], width: float) -> np.ndarray:
    wide = np.pad(mask, 1)
    inside, outside = np.argwhere(wide), np.argwhere(~wide)
    found = np.zeros(wide.shape, bool)
    found[tuple(inside.T)] = cdist(inside * spacing, outside * spacing).min(1) <= width
    return found[(slice(1, -1),) * mask.ndim]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((5, 9, 11), (2.0, 1.0, 0.7)), ((9, 17, 14), (1.0, 0.4, 0.6)), ((1, 60, 70), (9.0, 1.0, 1.3))],
)
def test_agrees_with_brute_force(shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, prediction = (np.zeros(shape, bool) for _ in range(2))
    for mask in (truth, prediction):
        y, x = rng.integers(0, [shape[1] // 3, shape[2] // 3])
        mask[:4, y : y + shape[1] // 2, x : x + shape[2] // 2] = True
    kept = [a for a in range(3) if shape[a] > 1]
    in_plane = tuple(spacing[a] for a in kept)
    width = max(0.02 * np.linalg.norm([shape[a] * spacing[a] for a in kept]), *in_plane) + 1e-6
    rims = [rim(m.squeeze(), in_plane, width) for m in (truth, prediction)]
    wanted = (rims[0] & rims[1]).sum() / (rims[0] | rims[1]).sum()
    assert METRICS["boundary_iou"](ClassPair.of(prediction, truth, spacing)) == pytest.approx(wanted)


def test_sees_an_outline_that_iou_does_not() -> None:
    truth = np.zeros((1, 100, 100), bool)
    truth[0, 10:90, 10:90] = True
    prediction = np.roll(truth, 2, 2)
    pair = ClassPair.of(prediction, truth)
    assert METRICS["iou"](pair) > 0.9
    assert METRICS["boundary_iou"](pair) < 0.6
