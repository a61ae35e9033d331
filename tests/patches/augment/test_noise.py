from __future__ import annotations

import torch

from delineate.patches.augment.noise import Noise, NoiseParams


def apply(image, p):
    return Noise().apply(image.clone(), torch.zeros(1, *image.shape[2:]), [p])[0]


def test_level_is_a_share_of_the_patch():
    image = torch.randn(1, 2, 30, 30, 30) * torch.tensor([1.0, 100.0]).view(1, 2, 1, 1, 1)
    added = apply(image, NoiseParams((0.2, 0.1), 3)) - image
    torch.testing.assert_close(added[0].flatten(1).std(1), torch.tensor([0.2, 10.0]), rtol=0.05, atol=0)


def test_the_seed_is_the_noise():
    image = torch.randn(1, 1, 8, 8)
    assert torch.equal(apply(image, NoiseParams((0.2,), 3)), apply(image, NoiseParams((0.2,), 3)))
    assert not torch.equal(apply(image, NoiseParams((0.2,), 3)), apply(image, NoiseParams((0.2,), 4)))
