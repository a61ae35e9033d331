from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters

CLASSIFIER = 2048 * 1000 + 1000
"""Of the backbone, for ImageNet, which the references carry and never use."""


@pytest.mark.parametrize(("classes", "params"), [(1, 32_547_319 - CLASSIFIER), (20, 30_527_028)])
def test_parameters_equal_the_references(classes, params):
    """DengPingFan/PraNet; its maps of one class widened to 20."""
    with torch.device("meta"):
        net = build_net("pranet", 2, 3, classes)
    assert count_parameters(net) == params
