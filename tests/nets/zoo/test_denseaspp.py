from __future__ import annotations

import pytest
import torch

from delineate.nets import NETS, build_net, count_parameters

COUNTS = {121: 8_281_684, 161: 35_397_172, 169: 18_422_348, 201: 28_642_148}


@pytest.mark.parametrize(("depth", "count"), COUNTS.items())
def test_parameters_equal_the_references(depth, count):
    with torch.device("meta"):
        net = build_net(f"denseaspp_{depth}", 2, 3, 20)
    assert count_parameters(net) == count  # DeepMotionAIResearch/DenseASPP


def test_the_logits_have_the_inputs_size_where_8_does_not_divide_it():
    net = build_net("denseaspp_121", 2, 1, 2, NETS["denseaspp_121"].card.small).eval()
    with torch.no_grad():
        assert net(torch.zeros(1, 1, 110, 90)).shape == (1, 2, 110, 90)  # the reference gives 112x88


def test_the_head_fits_a_residual_network():
    options = {"backbone": "resnet10", "backbone_options": {"width": 4}, "middle": 8, "width": 8, "halve": False}
    net = build_net("denseaspp_169", 2, 1, 2, options).eval()
    with torch.no_grad():
        assert net(torch.zeros(1, 1, 20, 30)).shape == (1, 2, 20, 30)
