"""MiniSeg."""

from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import auxiliaries_of, build_net, count_parameters
from delineate.nets.zoo.miniseg import Ahsp, Level


@pytest.mark.parametrize(("classes", "sides", "parameters"), [(20, True, 85288), (2, False, 82666), (2, True, 82912)])
def test_it_has_as_many_parameters_as_the_reference(classes, sides, parameters):
    with torch.device("meta"):
        net = build_net("miniseg", 2, 3, classes, {"sides": sides})
    assert count_parameters(net) == parameters


def test_three_auxiliary_outputs_in_training_only():
    net = build_net("miniseg", 2, 1, 2).train()
    assert list(net(torch.randn(1, 1, 19, 22))) == ["out", "level2", "level3", "level4"]
    assert {a.weight for a in auxiliaries_of(net).values()} == {0.4}
    assert isinstance(build_net("miniseg", 2, 1, 2, {"sides": False}).train()(torch.randn(1, 1, 9, 9)), torch.Tensor)


@pytest.mark.parametrize("dims", [2, 3])
def test_each_branch_of_the_pyramid_has_its_own_attention(dims):
    torch.manual_seed(0)
    block = Ahsp(dims, 3, 8, stride=2)
    reduced = block.reduce(x := torch.randn(2, 3, *(9,) * dims))
    sums, total = [], block.mean(reduced)
    for branch in block.branches:
        total = total + branch(reduced)
        sums.append(total)
    weights = block.attend.weight.flatten(1)  # [4 branches, 2 channels]
    for i, part in enumerate(sums):
        score = torch.einsum("bc...,c->b...", part, weights[i])
        sums[i] = part * (1 + torch.sigmoid(score)[:, None])
    torch.testing.assert_close(block(x), block.fuse(torch.cat(sums, 1)))


def test_half_as_many_blocks_are_on_the_detail_path():
    level = Level(2, 1, 8, 5, plain=False)
    assert len(level.blocks) == 5 and len(level.detail_blocks) == 2


def test_a_width_that_does_not_split_is_refused():
    with pytest.raises(UsageError, match="divide by 4"):
        build_net("miniseg", 2, 1, 2, {"widths": (8, 10), "blocks": (1, 1)})
