from __future__ import annotations

import numpy as np
import torch

from delineate.patches.augment.low_resolution import LowResolution, LowResolutionParams


def apply(image, p):
    return LowResolution().apply(image.clone(), torch.zeros(1, *image.shape[2:]), [p])[0]


def test_detail_goes_and_slices_stay_apart():
    image = torch.zeros(1, 1, 4, 16, 16)
    image[..., 1, :, ::2] = 1  # the finest stripes there are, in one slice
    after = apply(image, LowResolutionParams(0.5, (1, 2), 1))
    assert torch.equal(after[:, :, [0, 2, 3]], image[:, :, [0, 2, 3]])
    assert after[:, :, 1].std() < 0.1
    image[:, :, 1] = 1
    assert torch.equal(apply(image, LowResolutionParams(0.5, (1, 2), 1)), image)


def test_a_ramp_stays_a_ramp():
    image = torch.arange(32.0).expand(1, 1, 32, 32)
    after = apply(image, LowResolutionParams(0.5, (0, 1), 1))
    assert (after - image)[..., 2:-2].abs().max() <= 1


def test_against_numpy():
    """Every second voxel, drawn as a line between the centres of where they stand for."""
    line = np.random.default_rng(0).standard_normal(16)
    centres = np.arange(8) * 2 + 0.5
    wanted = np.interp(np.arange(16), centres, line[1::2])
    image = torch.tensor(line, dtype=torch.float32).expand(1, 1, 4, 16)
    np.testing.assert_allclose(apply(image, LowResolutionParams(0.5, (1,), 1))[0, 0, 2], wanted, atol=1e-5)


def test_full_resolution_is_the_image():
    image = torch.randn(1, 2, 7, 9)
    torch.testing.assert_close(apply(image, LowResolutionParams(1.0, (0, 1), 2)), image)
