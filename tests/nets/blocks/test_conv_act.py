from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.blocks.conv_unit import ABN_SLOPE


@pytest.mark.parametrize(("kernel", "dilation", "slope"), [(1, 1, 0.0), (3, 1, ABN_SLOPE), (3, 4, 0.0)])
@pytest.mark.parametrize("dims", [2, 3])
def test_it_keeps_the_size_and_is_conv_norm_and_relu(dims, kernel, dilation, slope):
    torch.manual_seed(0)
    layer = conv_act(dims, 2, 3, kernel, dilation, bias=True, leaky=bool(slope)).eval()
    x = torch.randn(1, 2, 5, 6, 7)[(..., *(slice(None),) * dims)] if dims == 3 else torch.randn(1, 2, 5, 6)
    conv = F.conv2d if dims == 2 else F.conv3d
    plain = conv(x, layer[0].weight, layer[0].bias, padding=dilation * (kernel // 2), dilation=dilation)
    plain = plain / (1 + layer[1].eps) ** 0.5
    torch.testing.assert_close(layer(x), torch.where(plain > 0, plain, slope * plain))


@pytest.mark.parametrize("dims", [2, 3])
def test_a_classifier_tells_nothing_of_nothing(dims):
    last = classifier(dims, 4, 3, dropout=0.5)
    assert not last(torch.zeros(1, 4, *(2,) * dims)).any()
    assert last.eval()(torch.ones(1, 4, *(2,) * dims)).shape == (1, 3, *(2,) * dims)
