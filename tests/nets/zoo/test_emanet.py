from __future__ import annotations

import pytest
import torch

from delineate.nets import NETS, build_net, count_parameters


@pytest.mark.parametrize(("backbone", "count"), [("resnet50s", 34_781_140), ("resnet101s", 53_773_268)])
def test_parameters_equal_the_references(backbone, count):
    with torch.device("meta"):
        net = build_net("emanet", 2, 3, 20, {"backbone": backbone})
    assert count_parameters(net) == count  # XiaLiPKU/EMANet


def test_bases_are_saved_and_move_in_training_only():
    torch.manual_seed(0)
    net = build_net("emanet", 2, 1, 2, NETS["emanet"].card.small)
    before = net.state_dict()["head.rebuild.mu"].clone()
    net.eval()(torch.randn(1, 1, 32, 32))
    assert torch.equal(net.state_dict()["head.rebuild.mu"], before)
    net.train()(torch.randn(2, 1, 32, 32))
    assert not torch.equal(net.state_dict()["head.rebuild.mu"], before)
