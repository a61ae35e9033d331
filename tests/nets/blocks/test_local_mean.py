"""The mean over small windows."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets.blocks.local_mean import LocalMean


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("size", "pool"), [((7, 4), F.avg_pool2d), ((5, 4, 6), F.avg_pool3d)])
def test_it_is_torchs_average_with_padding(stride, size, pool):
    x = torch.randn(2, 3, *size)
    torch.testing.assert_close(LocalMean(len(size), stride)(x), pool(x, 3, stride, 1))


@pytest.mark.parametrize("stride", [1, 2])
def test_a_map_smaller_than_the_window(stride):
    assert LocalMean(3, stride)(torch.full((1, 1, 1, 2, 1), 27.0)).flatten()[0] == 2
