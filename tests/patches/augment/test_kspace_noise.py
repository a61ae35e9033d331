from __future__ import annotations

import numpy as np
import torch
from scipy.stats import kstest, rice

from delineate.patches.augment.kspace_noise import KspaceNoise, KspaceNoiseParams


def apply(image, p):
    return KspaceNoise().apply(image.clone(), torch.zeros(1, *image.shape[2:]), [p])[0]


def test_magnitudes_follow_rice():
    """A patch of two values: its minimum is no signal (Rayleigh), the rest is a signal of 4."""
    image = torch.full((1, 1, 40, 100), -1.0)
    image[..., 50:] = 3.0
    sigma = 0.2 * image.std(correction=0).item()
    after = apply(image, KspaceNoiseParams((0,), (0.2,), 7)) + 1
    assert kstest(after[..., :50].flatten(), rice(0, scale=sigma).cdf).pvalue > 0.001
    assert kstest(after[..., 50:].flatten(), rice(4 / sigma, scale=sigma).cdf).pvalue > 0.001


def test_white_noise_on_kspace_is_white_noise_on_the_image():
    """Which is why no transform is needed: the orthonormal transform of the noise has the same distribution."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((64, 64)) + 1j * rng.standard_normal((64, 64))
    there = np.fft.fft2(noise, norm="ortho")
    assert kstest(there.real.ravel(), "norm").pvalue > 0.001 and kstest(there.imag.ravel(), "norm").pvalue > 0.001


def test_the_seed_is_the_noise_and_nothing_stays_nothing():
    image = torch.randn(1, 2, 8, 8)
    image[0, 1, :4] = 0
    p = KspaceNoiseParams((1,), (0.2,), 3)
    assert torch.equal(apply(image, p), apply(image, p))
    assert not torch.equal(apply(image, p), apply(image, KspaceNoiseParams((1,), (0.2,), 4)))
    assert torch.equal(apply(image, p)[0, 0], image[0, 0]) and (apply(image, p)[0, 1, :4] == 0).all()
