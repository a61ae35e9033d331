from __future__ import annotations

import torch

from delineate.patches.augment.hu_shift import HuShift, HuShiftParams


def test_factor_and_shift_of_the_named_channels():
    image = torch.randn(2, 3, 5, 6)
    p = HuShiftParams((0, 2), (0.9, 1.1), (0.2, -0.1))
    after, _ = HuShift().apply(image.clone(), torch.zeros(2, 5, 6), [None, p])
    assert torch.equal(after[0], image[0]) and torch.equal(after[1, 1], image[1, 1])
    for channel, factor, shift in ((0, 0.9, 0.2), (2, 1.1, -0.1)):
        x = image[1, channel]
        torch.testing.assert_close(after[1, channel], x * factor + x.std(correction=0) * factor * shift)
