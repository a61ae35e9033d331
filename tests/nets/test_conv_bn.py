from __future__ import annotations

import torch
from torch import nn

from delineate.nets.conv_bn import conv_bn, double_conv


def test_a_unit_is_convolution_norm_and_relu():
    torch.manual_seed(0)
    unit, x = conv_bn(2, 3, 5, stride=2), torch.randn(2, 3, 7, 9)
    reference = nn.BatchNorm2d(5)(nn.functional.conv2d(x, unit[0].weight, stride=2, padding=1))
    torch.testing.assert_close(unit(x), reference.relu())
    assert unit[0].bias is None and conv_bn(3, 3, 5, bias=True)[0].bias is not None
    assert conv_bn(3, 3, 5, kernel=1, act=False)(torch.randn(2, 3, 4, 4, 4)).min() < 0


def test_two_of_them_may_have_another_width_between():
    assert [unit[0].out_channels for unit in double_conv(2, 3, 5, 4)] == [4, 5]
    assert [unit[0].out_channels for unit in double_conv(2, 3, 5)] == [5, 5]
