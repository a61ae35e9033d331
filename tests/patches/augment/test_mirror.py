from __future__ import annotations

from collections import Counter

import numpy as np
import torch

from delineate.patches.augment.mirror import Mirror, MirrorParams
from delineate.patches.augmentation import AugmentSettings


def test_only_allowed_axes_are_flipped():
    settings = AugmentSettings(dims=3, spacing_mm=(1, 1, 1), mirror_axes=(0, 2))
    decided = [Mirror().decide(np.random.default_rng(i), settings) for i in range(400)]
    counts = Counter(() if p is None else p.axes for p in decided)
    assert set(counts) == {(), (0,), (2,), (0, 2)} and min(counts.values()) > 60


def test_flip_against_numpy():
    image, label = torch.randn(2, 3, 4, 5, 6), torch.randint(0, 9, (2, 4, 5, 6))
    after_image, after_label = Mirror().apply(image.clone(), label.clone(), [MirrorParams((0, 2)), None])
    np.testing.assert_array_equal(after_image[0], image[0].numpy()[:, ::-1, :, ::-1])
    np.testing.assert_array_equal(after_label[0], label[0].numpy()[::-1, :, ::-1])
    assert torch.equal(after_image[1], image[1]) and torch.equal(after_label[1], label[1])
