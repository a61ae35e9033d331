from __future__ import annotations

import numpy as np
import torch

from delineate.patches.augment.metal_streaks import MetalStreaks, MetalStreaksParams, streaks_of

P = MetalStreaksParams((0,), (0.5, 0.5), rays=6, phase=0.0, reach=0.3, radius=0.03, height=1.0)


def test_metal_is_bright_and_rays_alternate_and_fade():
    plane = streaks_of(P, (60, 60)).numpy()
    assert plane[29:31, 29:31].min() == 3.0
    angles = np.arange(0, 2 * np.pi, 0.01)

    def ring(radius):
        return plane[
            (29.5 + radius * np.sin(angles)).round().astype(int), (29.5 + radius * np.cos(angles)).round().astype(int)
        ]

    near, far = ring(10), ring(25)
    assert near.max() > 0.4 and near.min() < -0.4 and np.abs(far).max() < np.abs(near).max()
    crossings = np.count_nonzero(np.diff(np.sign(ring(20))))
    assert crossings == 12


def test_a_few_slices_are_affected():
    p = MetalStreaksParams((1,), (0.25, 0.5, 0.5), 6, 0.0, 0.3, 0.03, 1.0)
    image = torch.randn(1, 2, 40, 20, 20)
    after, _ = MetalStreaks().apply(image.clone(), torch.zeros(1, 40, 20, 20), [p])
    changed = (after - image)[0, 1].abs().amax((1, 2))
    assert 9 <= changed.argmax() <= 10 and changed[20:].max() < 1e-3
    assert torch.equal(after[0, 0], image[0, 0])


def test_heights_count_in_deviations_of_each_channel():
    p = MetalStreaksParams((0, 1), (0.5, 0.5), 6, 0.0, 0.3, 0.03, 1.0)
    image = torch.randn(1, 2, 20, 20) * torch.tensor([1.0, 50.0]).view(1, 2, 1, 1)
    after, _ = MetalStreaks().apply(image.clone(), torch.zeros(1, 20, 20), [p])
    for channel in range(2):
        wanted = image[0, channel] + streaks_of(p, (20, 20)) * image[0, channel].std(correction=0)
        torch.testing.assert_close(after[0, channel], wanted)
