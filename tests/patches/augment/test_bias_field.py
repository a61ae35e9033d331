from __future__ import annotations

import numpy as np
import torch
from scipy.interpolate import BSpline

from delineate.patches.augment.bias_field import CELLS, BiasField, BiasFieldParams, bias


def test_the_field_against_scipy():
    control = np.random.default_rng(4).uniform(-0.3, 0.3, [CELLS + 3] * 2)
    knots = np.arange(-3, CELLS + 4)
    y, x = ((np.arange(n) + 0.5) / n * CELLS for n in (12, 15))
    wanted = BSpline(knots, BSpline(knots, control, 3)(y).T, 3)(x).T
    np.testing.assert_allclose(bias(torch.zeros(12, 15), 4, 0.3), np.exp(wanted), rtol=1e-5)


def test_it_is_smooth_and_bounded():
    field = bias(torch.zeros(20, 24, 28), 0, 0.4).log()
    assert 0.05 < field.abs().max() <= 0.4
    assert max(field.diff(dim=a).abs().max() for a in range(3)) < 0.1


def test_signal_counts_from_the_minimum_and_nothing_stays_nothing():
    image = torch.randn(1, 2, 8, 9)
    image[0, 0, :3] = 0
    after, _ = BiasField().apply(image.clone(), torch.zeros(1, 8, 9), [BiasFieldParams((0,), (4,), 0.3)])
    x, low = image[0, 0], image[0, 0].min()
    torch.testing.assert_close(after[0, 0, 3:], (low + (x - low) * bias(x, 4, 0.3))[3:])
    assert (after[0, 0, :3] == 0).all() and torch.equal(after[0, 1], image[0, 1])
