"""Convolution, norm and activation of the light networks."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit, same_conv


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (1, 4), (2, 1), (2, 8)])
def test_the_size_is_kept_or_divided_and_rounded_up(dims, kernel, stride, dilation):
    size = (7, 10, 5)[:dims]
    out = same_conv(dims, 2, 4, kernel, stride, dilation, groups=2)(torch.zeros(1, 2, *size))
    assert out.shape == (1, 4, *(-(-n // stride) for n in size))


def test_a_flat_kernel_keeps_every_axis():
    assert same_conv(3, 1, 1, (5, 1, 1))(torch.zeros(1, 1, 6, 7, 8)).shape[2:] == (6, 7, 8)


@pytest.mark.parametrize(
    ("act", "kind"), [("relu", nn.ReLU), ("prelu", nn.PReLU), ("leaky", nn.LeakyReLU), ("none", nn.BatchNorm2d)]
)
def test_the_activation_comes_last(act, kind):
    unit = conv_unit(2, 3, 4, act=act)
    assert len(unit) == (2 if act == "none" else 3) and unit[0].bias is None
    if act != "none":
        assert isinstance(unit[-1], kind)
    if act == "prelu":
        assert unit[-1].weight.shape == (4,)
