from __future__ import annotations

import torch

from delineate.patches.augment.brightness import Brightness, BrightnessParams


def test_each_channel_by_its_factor():
    image = torch.randn(2, 3, 5, 6)
    after, _ = Brightness().apply(image.clone(), torch.zeros(2, 5, 6), [None, BrightnessParams((0.8, 1.2))])
    assert torch.equal(after[0], image[0])
    torch.testing.assert_close(after[1, 0], image[1, 0] * 0.8)
    torch.testing.assert_close(after[1, 1], image[1, 1] * 1.2)
    assert torch.equal(after[1, 2], image[1, 2])
