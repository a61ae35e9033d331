from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import build_net, count_parameters


@pytest.mark.parametrize(("inputs", "outputs", "parameters"), [(1, 20, 29_453_396), (3, 11, 29_449_355)])
def test_parameters_equal_the_papers(inputs, outputs, parameters):
    with torch.device("meta"):
        net = build_net("segnet", 2, inputs, outputs)
        assert sum(isinstance(m, torch.nn.Conv2d) for m in net.modules()) == 26
    assert count_parameters(net) == parameters


@pytest.mark.parametrize("size", [(7, 10), (5, 4, 3), (1, 1)])
def test_maxima_return_to_where_they_were(size):
    net = build_net("segnet", len(size), 1, 2, {"widths": (3,), "convs": (1,)})
    x = torch.rand(2, 3, *size) + 1
    pooled, places = net.pool(x)
    back = net.unpool(pooled, places, output_size=size)
    assert back.shape == x.shape and torch.equal(back[back > 0], x[back > 0])
    assert (back > 0).sum() == pooled.numel()
    torch.testing.assert_close(net.pool(back)[0], pooled)


def test_nothing_but_places_crosses_over():
    torch.manual_seed(0)
    net = build_net("segnet", 2, 1, 2, {"widths": (3, 4), "convs": (1, 2)}).eval()
    seen = []
    net.decoder[0].register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    assert net(torch.randn(1, 1, 13, 6)).shape == (1, 2, 13, 6)
    assert seen[0].shape == (1, 3, 13, 6) and (seen[0] != 0).sum(dim=(2, 3)).max() <= 7 * 3


def test_levels_have_a_width_and_convolutions():
    with pytest.raises(UsageError, match="convs"):
        build_net("segnet", 2, 1, 2, {"widths": (4, 8)})
