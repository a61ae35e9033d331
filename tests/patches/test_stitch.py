from __future__ import annotations

import numpy as np
import pytest
import torch

from delineate.patches.stitch import Stitcher, gaussian
from delineate.patches.tile import tile


def test_gaussian_by_formula():
    weights = gaussian((9, 16)).numpy()
    y, x = np.meshgrid(np.arange(9) - 4, np.arange(16) - 7.5, indexing="ij")
    wanted = np.exp(-0.5 * ((y / (9 / 8)) ** 2 + (x / 2) ** 2))
    np.testing.assert_allclose(weights, np.maximum(wanted / wanted.max(), 1e-3), rtol=1e-5)
    assert weights.dtype == np.float32 and gaussian((1, 8, 8)).shape == (1, 8, 8)


@pytest.mark.parametrize("shape", [(13, 17, 11), (3, 20, 4)])
def test_windows_of_one_volume_give_it_back(shape):
    patch = (6, 8, 7)
    truth = torch.randn(2, *[max(n, p) for n, p in zip(shape, patch, strict=True)]) * 10
    stitcher = Stitcher(2, shape, patch)
    for start in tile(shape, patch):
        stitcher.add(start, truth[(slice(None), *[slice(s, s + p) for s, p in zip(start, patch, strict=True)])])
    wanted = truth[(slice(None), *[slice(n) for n in shape])]
    for k in range(2):
        torch.testing.assert_close(stitcher.read(k, 0, shape[0]), wanted[k], rtol=1e-5, atol=1e-4)


def test_against_brute_force():
    rng = np.random.default_rng(0)
    patch, starts = (4, 4), [(-1, -2), (0, 2), (3, 0), (3, 3)]
    windows = rng.standard_normal((4, 1, *patch), dtype=np.float32)
    weights = gaussian(patch).numpy()
    sums, seen = np.zeros((6, 6)), np.zeros((6, 6))
    stitcher = Stitcher(1, (6, 6), patch)
    for (y, x), window in zip(starts, windows, strict=True):
        stitcher.add((y, x), torch.from_numpy(window))
        for i, j in np.ndindex(*patch):
            if 0 <= y + i < 6 and 0 <= x + j < 6:
                sums[y + i, x + j] += weights[i, j] * window[0, i, j]
                seen[y + i, x + j] += weights[i, j]
    np.testing.assert_allclose(stitcher.read(0, 0, 6), sums / seen, rtol=1e-4, atol=1e-5)


def test_a_gap_is_told():
    stitcher = Stitcher(1, (8, 8), (4, 4))
    stitcher.add((0, 0), torch.zeros(1, 4, 4))
    stitcher.add((9, 9), torch.zeros(1, 4, 4))
    with pytest.raises(ValueError, match="no window"):
        stitcher.read(0, 0, 8)


@pytest.mark.parametrize("step", [1, 3, 5, 20])
def test_what_is_read_from_slab_to_slab_is_the_same_and_little_is_held(step):
    shape, patch = (20, 9, 7), (6, 5, 7)
    starts = tile(shape, patch)
    windows = torch.randn(len(starts), 2, *patch)
    whole, rolling = Stitcher(2, shape, patch), Stitcher(2, shape, patch)
    for start, window in zip(starts, windows, strict=True):
        whole.add(start, window)
    waiting, held = list(zip(starts, windows, strict=True)), 0
    for first in range(0, 20, step):
        last = min(first + step, 20)
        rolling.hold(first, last)
        while waiting and waiting[0][0][0] < last:
            rolling.add(*waiting.pop(0))
        held = max(held, len(rolling._seen))
        for k in range(2):
            assert torch.equal(rolling.read(k, first, last), whole.read(k, first, last))
    assert held <= step + patch[0]
    with pytest.raises(ValueError, match="no window"):
        rolling.read(0, 0, 1) if step < 20 else rolling.read(0, 0, 21)
