from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from delineate.patches.augment.blur import Blur, BlurParams


def test_against_scipy():
    image = np.random.default_rng(0).standard_normal((1, 2, 9, 10, 11)).astype(np.float32)
    p = BlurParams(0.8, (1, 2), 1)
    after, _ = Blur().apply(torch.from_numpy(image.copy()), torch.zeros(1, 9, 10, 11), [p])
    wanted = gaussian_filter(image[0, 0], (0, 0.8, 0.8), mode="nearest", radius=(0, 3, 3))
    np.testing.assert_allclose(after[0, 0], wanted, atol=1e-5)
    np.testing.assert_array_equal(after[0, 1], image[0, 1])
