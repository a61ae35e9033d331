from __future__ import annotations

import numpy as np
import pytest

from delineate.dataset.alignment import REACH, align, edge_contrast

SHAPE = (14, 16, 18)


def box(by=(0, 0, 0)) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    z, y, x = by
    mask[4 + z : 9 + z, 5 + y : 11 + y, 6 + x : 12 + x] = True
    return mask


def scan(seed: int = 0) -> np.ndarray:
    """Noise with a bright box in the middle, reaching further on all sides."""
    return np.random.default_rng(seed).normal(0, 1, [n + 2 * REACH for n in SHAPE]) + 20 * np.pad(box(), REACH)


def test_the_contrast_is_the_mean_step_across_faces():
    image, mask = scan(), box()
    inner = image[REACH:-REACH, REACH:-REACH, REACH:-REACH]
    steps = [
        abs(inner[tuple(b)] - inner[tuple(a)])
        for axis in range(3)
        for a in np.ndindex(SHAPE)
        if a[axis] + 1 < SHAPE[axis]
        for b in [np.add(a, np.eye(3, dtype=int)[axis])]
        if mask[tuple(a)] != mask[tuple(b)]
    ]
    assert edge_contrast(image, mask, (0, 0, 0)) == pytest.approx(np.mean(steps))
    assert edge_contrast(image, mask, (0, 2, 0)) == pytest.approx(edge_contrast(np.roll(image, -2, 1), mask, (0, 0, 0)))


@pytest.mark.parametrize("shift", [(1, 0, 0), (-1, 0, 0), (0, 3, 0), (0, 0, -4), (0, 0, 4)])
def test_a_mask_that_was_moved_fits_best_where_it_came_from(shift):
    found = align("a", scan(), box(tuple(-s for s in shift)))
    assert found is not None and found.shift == shift and found.gain > 1.2


def test_a_mask_that_lies_right_stays(seed=1):
    found = align("a", scan(seed), box())
    assert found is not None and (found.shift, found.gain) == ((0, 0, 0), 1.0)


@pytest.mark.parametrize("mask", [np.zeros(SHAPE, bool), np.ones(SHAPE, bool)])
def test_without_a_boundary_there_is_nothing_to_say(mask):
    assert align("a", scan(), mask) is None
