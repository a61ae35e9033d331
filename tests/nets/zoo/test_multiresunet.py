from __future__ import annotations

import pytest
import torch

from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.norm import BatchNorm
from delineate.nets.zoo.multiresunet import ShiftNorm

SMALL = NETS["multiresunet"].card.small


def test_parameters_equal_the_papers():
    with torch.device("meta"):
        net, color = build_net("multiresunet", 2, 1, 20), build_net("multiresunet", 2, 3, 1)
    assert count_parameters(net) == 7_238_970
    statistics = sum(b.numel() for key, b in color.named_buffers() if "running" in key)
    # two more statistics of the norm that we leave out after the last convolution
    assert count_parameters(color) + statistics + 2 == 7_262_750


@pytest.mark.parametrize("dims", [2, 3])
def test_each_norm_is_used_once(dims):
    net = build_net("multiresunet", dims, 1, 2, SMALL).train()
    net(torch.randn(1, 1, *(16,) * dims))
    assert {int(m.num_batches_tracked) for m in net.modules() if isinstance(m, BatchNorm)} == {1}


def test_paths_are_as_wide_as_a_unet_and_shorten_towards_the_bottom():
    with torch.device("meta"):
        net = build_net("multiresunet", 2, 1, 2)
    assert [len(path) for path in net.gates] == [4, 3, 2, 1]
    assert [path[-1].norm.num_features for path in net.gates] == [32, 64, 128, 256]
    assert net.encoder[0].norm.num_features == 8 + 17 + 26


def test_a_shifting_norm_does_not_scale():
    norm, reference = ShiftNorm(3), BatchNorm(3)
    x = torch.randn(2, 3, 5, 4)
    torch.testing.assert_close(norm(x), reference(x))
    assert [key for key, _ in norm.named_parameters()] == ["bias"] and "weight" not in norm.state_dict()
