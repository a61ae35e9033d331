from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters

CLASSIFIER = 2048 * 1000 + 1000
"""Of the backbone, for ImageNet, which the reference carries and never uses."""
EDGE = 9 * 64 + 2
"""Of one edge map; the reference has one for each class."""


@pytest.mark.parametrize(("classes", "params"), [(1, 33_121_721), (20, 33_161_412)])
def test_parameters_equal_the_references(classes, params):
    """DengPingFan/Inf-Net, which cannot run with more than one class."""
    with torch.device("meta"):
        net = build_net("infnet", 2, 3, classes)
    assert count_parameters(net) == params - CLASSIFIER - (classes - 1) * EDGE
