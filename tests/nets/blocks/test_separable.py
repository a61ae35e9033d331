from __future__ import annotations

import torch
from torch.nn import functional as F

from delineate.nets.blocks.separable import SeparableConv


def test_it_is_a_dense_convolution_of_rank_one_per_pair():
    torch.manual_seed(0)
    layer = SeparableConv(2, 3, 5, stride=2, dilation=2, act=False, eps=0.0).eval()
    dense = layer.conv_pw.weight * layer.conv_dw.weight[:, 0]
    x = torch.randn(1, 3, 9, 8)
    torch.testing.assert_close(layer(x), F.conv2d(x, dense, stride=2, padding=2, dilation=2), rtol=1e-4, atol=1e-5)


def test_relu_follows_each_norm_if_asked():
    torch.manual_seed(0)
    layer = SeparableConv(3, 2, 2).eval()
    x = torch.randn(1, 2, 4, 4, 4)
    wanted = F.relu(layer.bn_pw(layer.conv_pw(F.relu(layer.bn_dw(layer.conv_dw(x))))))
    torch.testing.assert_close(layer(x), wanted)
