from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters


@pytest.mark.parametrize(("backbone", "params"), [("resnet50s", 49_080_808), ("resnet101s", 68_072_936)])
def test_parameters_equal_the_reference(backbone, params):
    with torch.device("meta"):
        assert count_parameters(build_net("pspnet", 2, 3, 20, {"backbone": backbone})) == params  # hszhao/semseg


def test_every_block_of_a_dilated_stage_is_dilated():
    with torch.device("meta"):
        net = build_net("pspnet", 2, 3, 2)
    assert [b.conv2.dilation[0] for b in net.backbone.layer4] == [4, 4, 4]


def test_the_side_output_is_for_training_only():
    net = build_net("pspnet", 2, 1, 2, {"backbone": "resnet18", "backbone_options": {"width": 4}})
    x = torch.randn(1, 1, 16, 16)
    assert set(net.train()(x)) == {"out", "side"} and net.auxiliaries["side"].weight == 0.4
    assert net.eval()(x).shape == (1, 2, 16, 16)
