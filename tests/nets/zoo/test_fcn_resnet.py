from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters


@pytest.mark.parametrize(("backbone", "params"), [("resnet50", 35_321_448), ("resnet101", 54_313_576)])
def test_parameters_equal_torchvision(backbone, params):
    with torch.device("meta"):
        net = build_net("fcn_resnet", 2, 3, 20, {"backbone": backbone})
    assert count_parameters(net) == params
    assert [b.conv2.dilation[0] for b in net.backbone.layer3][:2] == [1, 2]
