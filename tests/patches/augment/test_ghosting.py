from __future__ import annotations

import numpy as np
import torch

from delineate.patches.augment.ghosting import Ghosting, GhostingParams, line_weights


def apply(image, p):
    return Ghosting().apply(torch.from_numpy(image.copy()), torch.zeros(1, *image.shape[2:]), [p])[0].numpy()


def test_against_numpy():
    image = np.random.default_rng(0).standard_normal((1, 2, 7, 12)).astype(np.float32)
    spectrum = np.fft.fft(image[0, 1], axis=1)
    for line in range(-6, 6):
        if line % 3 == 0 and line != 0:
            spectrum[:, line] *= 0.5
    after = apply(image, GhostingParams(1, 1, 3, 0.5))
    np.testing.assert_allclose(after[0, 1], np.fft.ifft(spectrum, axis=1).real, atol=1e-5)
    np.testing.assert_array_equal(after[0, 0], image[0, 0])


def test_a_ghost_stands_half_the_patch_away():
    image = np.full((1, 1, 4, 32), 1e-6, np.float32)
    image[..., 8] = 1
    after = apply(image, GhostingParams(0, 1, 2, 0.6))
    assert np.argsort(np.abs(after[0, 0, 0]))[-2:].tolist() == [24, 8]
    np.testing.assert_allclose(after.mean(), image.mean(), atol=1e-6)


def test_slow_waves_stay():
    weights = line_weights(GhostingParams(0, 0, 2, 0.5), 200)
    assert (weights[:5] == 1).all() and weights[6] == 0.5 and weights[-6] == 0.5 and (weights[1::2] == 1).all()
