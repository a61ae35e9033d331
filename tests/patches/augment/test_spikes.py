from __future__ import annotations

import numpy as np
import torch

from delineate.patches.augment.spikes import Spikes, SpikesParams


def test_it_is_one_point_of_kspace_and_its_twin():
    image = np.random.default_rng(0).standard_normal((1, 2, 8, 10, 12)).astype(np.float32)
    p = SpikesParams(1, ((0.27, -0.33, 0.0),), (0.4,), (0.5,))  # 2.16 and -3.3 cycles are none of k-space
    after = Spikes().apply(torch.from_numpy(image.copy()), torch.zeros(1, 8, 10, 12), [p])[0].numpy()
    np.testing.assert_array_equal(after[0, 0], image[0, 0])
    added = np.fft.fftn(after[0, 1]) - np.fft.fftn(image[0, 1])
    where = {tuple(int(v) for v in w) for w in np.argwhere(np.abs(added) > 1)}
    assert where == {(2, 7, 0), (6, 3, 0)}
    wanted = image[0, 1].std() * 0.5 / 2 * image[0, 1].size * np.exp(0.4j)
    np.testing.assert_allclose(added[2, 7, 0], wanted, rtol=1e-3)


def test_nothing_stays_nothing():
    image = torch.randn(1, 1, 8, 8)
    image[..., :4] = 0
    after, _ = Spikes().apply(image.clone(), torch.zeros(1, 8, 8), [SpikesParams(0, ((0.25, 0.25),), (0.0,), (0.5,))])
    assert (after[..., :4] == 0).all() and not torch.equal(after, image)
