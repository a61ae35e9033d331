from __future__ import annotations

import numpy as np
import torch

from delineate.patches.augment.contrast import Contrast, ContrastParams


def test_by_formula():
    image = np.random.default_rng(0).standard_normal((1, 2, 8, 9)).astype(np.float32)
    p = ContrastParams((0.8, 1.25))
    after, _ = Contrast().apply(torch.from_numpy(image.copy()), torch.zeros(1, 8, 9), [p])
    for got, x, factor in zip(after[0].numpy(), image[0], p.factors, strict=True):
        np.testing.assert_allclose(got, np.clip((x - x.mean()) * factor + x.mean(), x.min(), x.max()), atol=1e-5)
