from __future__ import annotations

import numpy as np
import pytest
import torch

from delineate.patches.kspace import keep_empty, weigh_lines


@pytest.mark.parametrize("shape", [(9, 10), (8, 7, 6), (1, 5)])
def test_against_the_whole_transform(shape):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    for axis, size in enumerate(shape):
        weights = rng.uniform(size=size)
        along = weights.reshape([-1 if a == axis else 1 for a in range(len(shape))])
        wanted = np.fft.ifftn(np.fft.fftn(x) * along).real
        got = weigh_lines(torch.from_numpy(x), torch.from_numpy(weights), axis)
        np.testing.assert_allclose(got, wanted, atol=1e-12)


def test_what_was_empty_stays_empty():
    before = torch.tensor([0.0, 1.0, -2.0, 0.0])
    assert keep_empty(before + 5, before).tolist() == [0, 6, 3, 0]
