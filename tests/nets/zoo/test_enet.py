"""ENet."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets import build_net, count_parameters
from delineate.nets.net import NETS
from delineate.nets.zoo.enet import Bottleneck, Down, unpool


def test_it_has_as_many_parameters_as_the_reference():
    with torch.device("meta"):
        net = build_net("enet", 2, 3, 20)
    assert count_parameters(net) == 351804


@pytest.mark.parametrize(("size", "pool", "back"), [
    ((7, 10), F.max_pool2d, F.max_unpool2d),
    ((5, 6, 9), F.max_pool3d, F.max_unpool3d),
])  # fmt: skip
def test_unpooling_restores_places_and_odd_sizes(size, pool, back):
    x = torch.randn(2, 3, *size)
    pooled, where = pool(x, 2, return_indices=True)
    restored = unpool(pooled, where, size)
    assert torch.equal(restored, back(pooled, where, 2, output_size=size))
    assert torch.equal(restored[restored != 0], x[restored != 0])


@pytest.mark.parametrize("dims", [2, 3])
def test_an_asymmetric_convolution_has_one_kernel_per_axis(dims):
    kernels = [m.kernel_size for m in Bottleneck(dims, 8, "asymmetric", 0.1, True).body if hasattr(m, "kernel_size")]
    axes = [tuple(5 if a == axis else 1 for a in range(dims)) for axis in range(dims)]
    assert kernels == [(1,) * dims, *axes, (1,) * dims]


def test_down_fills_up_with_zero_channels():
    down = Down(2, 8, 12, 0.0).eval()
    for m in down.body:
        if isinstance(m, nn.Conv2d):
            nn.init.zeros_(m.weight)
    x = torch.rand(1, 8, 4, 6)
    out, where = down(x)
    assert torch.equal(out[:, :8], F.max_pool2d(x, 2)) and not out[:, 8:].any() and where.shape == (1, 8, 2, 3)


def test_more_channels_than_the_first_block_is_wide():
    net = build_net("enet", 2, 20, 2, NETS["enet"].card.small).eval()
    assert net(torch.randn(1, 20, 11, 9)).shape == (1, 2, 11, 9)
