"""BiSeNet V2."""

from __future__ import annotations

import pytest
import torch

from delineate.nets import auxiliaries_of, build_net, count_parameters
from delineate.nets.net import NETS
from delineate.nets.zoo.bisenetv2 import ContextEmbedding, GatherExpansion

SMALL = NETS["bisenetv2"].card.small


@pytest.mark.parametrize(("boosters", "parameters"), [(True, 5233876), (False, 3359652)])
def test_it_has_as_many_parameters_as_the_reference(boosters, parameters):
    with torch.device("meta"):
        net = build_net("bisenetv2", 2, 3, 20, {"boosters": boosters})
    assert count_parameters(net) == parameters


def test_four_boosters_in_training_only():
    net = build_net("bisenetv2", 2, 1, 2, SMALL).train()
    outs = net(torch.randn(1, 1, 37, 40))
    assert list(outs) == ["out", "stem", "stage3", "stage4", "stage5"]
    assert all(o.shape == (1, 2, 37, 40) for o in outs.values())
    assert {a.weight for a in auxiliaries_of(net).values()} == {1.0}
    assert isinstance(net.eval()(torch.randn(1, 1, 37, 40)), torch.Tensor)


@pytest.mark.parametrize("dims", [2, 3])
def test_the_context_is_the_same_everywhere_and_trains_with_one_image(dims):
    context = ContextEmbedding(dims, 4).train()
    context.last = torch.nn.Identity()
    x = torch.randn(1, 4, *(5,) * dims)
    added = (context(x) - x).flatten(2)
    assert (added - added[..., :1]).abs().max() < 1e-6


def test_gather_and_expansion_keeps_a_shortcut():
    for stride, size in ((1, (7, 6)), (2, (4, 3))):
        layer = GatherExpansion(2, 4, 4, stride).eval()
        for parameter in layer.body[-1].parameters():
            torch.nn.init.zeros_(parameter)
        x = torch.rand(1, 4, 7, 6)
        assert layer(x).shape[2:] == size
        torch.testing.assert_close(layer(x), torch.relu(layer.shortcut(x)))
