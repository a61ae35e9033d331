from __future__ import annotations

import numpy as np
import torch

from delineate.config import PatchConfig
from delineate.patches.augment.motion import Motion, MotionParams
from delineate.patches.augmentation import AugmentSettings

SHIFTED = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.25))
"""A quarter of the patch to the side, no rotation."""


def apply(image, p):
    return Motion().apply(image.clone(), torch.zeros(1, *image.shape[2:]), [p])[0]


def test_against_numpy_with_copies_moved_by_whole_voxels():
    image = np.random.default_rng(0).standard_normal((1, 1, 9, 16)).astype(np.float32)
    moved = image[0, 0][:, np.minimum(np.arange(16) + 4, 15)]
    p = MotionParams(0, 0, (0.25,), (SHIFTED, None))
    early = (np.fft.fftfreq(9) + 0.5 < 0.25)[:, None]
    spectrum = np.where(early, np.fft.fft2(moved), np.fft.fft2(image[0, 0]))
    np.testing.assert_allclose(apply(torch.from_numpy(image), p)[0, 0], np.fft.ifft2(spectrum).real, atol=1e-5)


def test_the_centre_of_kspace_never_moves():
    settings = AugmentSettings(knobs=PatchConfig(mr_artefacts=1), dims=3, channels=2, spacing_mm=(3.0, 1.0, 1.0))
    for seed in range(50):
        p = Motion().decide(np.random.default_rng(seed), settings)
        ends = list(zip((0.0, *p.times), (*p.times, 1.0), strict=True))
        assert [a <= 0.5 < b for a, b in ends] == [pose is None for pose in p.poses]
        image = torch.randn(1, 2, 6, 8, 10) + 5
        after = apply(image, p)
        torch.testing.assert_close(after.mean(), image.mean(), rtol=0, atol=1e-4)
        other = 1 - p.channel
        assert torch.equal(after[0, other], image[0, other]) and not torch.equal(after, image)


def test_nothing_stays_nothing():
    image = torch.randn(1, 1, 9, 16)
    image[..., :5] = 0
    after = apply(image, MotionParams(0, 0, (0.25,), (SHIFTED, None)))
    assert (after[..., :5] == 0).all() and not torch.equal(after, image)
