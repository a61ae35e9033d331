from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
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


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_left_is_called_right_afterwards(dtype):
    label = torch.tensor([[[0, 1, 2, 3, 255]]], dtype=dtype)
    p = MirrorParams((1,), ((1, 2),))
    _, after = Mirror().apply(torch.zeros(1, 1, 1, 5), label, [p])
    assert after.tolist() == [[[255, 3, 1, 2, 0]]] and after.dtype == dtype


def test_ids_change_places_only_with_the_axis_between_the_sides():
    settings = AugmentSettings(
        dims=3, spacing_mm=(1, 1, 1), mirror_axes=(0, 2), side_axis=2, mirror_swaps=((1, 2), (5, 7))
    )
    for i in range(50):
        p = Mirror().decide(np.random.default_rng(i), settings)
        assert p is None or p.swaps == (((1, 2), (5, 7)) if 2 in p.axes else ())
