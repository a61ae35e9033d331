from __future__ import annotations

import numpy as np
import pytest
import torch

from delineate.patches.augment.gamma import Gamma, GammaParams


def apply(image, p):
    return Gamma().apply(torch.from_numpy(image.copy()), torch.zeros(1, *image.shape[2:]), [p])[0].numpy()


@pytest.mark.parametrize("invert", [False, True])
def test_by_formula(invert):
    image = np.random.default_rng(0).standard_normal((1, 1, 8, 9)).astype(np.float32) * 5 + 3
    x = -image[0, 0] if invert else image[0, 0]
    bent = ((x - x.min()) / np.ptp(x)) ** 1.4 * (-1 if invert else 1)
    wanted = (bent - bent.mean()) / bent.std() * image.std() + image.mean()
    np.testing.assert_allclose(apply(image, GammaParams((1.4,), invert))[0, 0], wanted, atol=1e-3)


def test_mean_spread_and_order_stay():
    image = np.random.default_rng(0).gamma(2.0, size=(1, 1, 10, 10)).astype(np.float32)
    for invert in (False, True):
        after = apply(image, GammaParams((0.7,), invert))
        np.testing.assert_allclose([after.mean(), after.std()], [image.mean(), image.std()], rtol=1e-4)
        assert (np.argsort(after.ravel()) == np.argsort(image.ravel())).all()


def test_a_constant_channel_stays():
    image = np.full((1, 1, 6, 6), 4.0, np.float32)
    np.testing.assert_allclose(apply(image, GammaParams((1.4,), False)), image)
