from __future__ import annotations

import torch

from delineate.nets import build_net, count_parameters

CLASSIFIER = 2048 * 1000 + 1000
"""Of the backbone, for ImageNet, which the reference carries and never uses."""


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("caranet", 2, 3, 1)
    assert count_parameters(net) == 46_642_560 - CLASSIFIER  # AngeLouCN/CaraNet
