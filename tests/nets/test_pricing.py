from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.price import price_unet
from delineate.nets.net import NETS, build_net, count_parameters
from delineate.nets.pricing import LiveNumbers, Pricer


@pytest.mark.parametrize("patch", [(40, 24), (24, 16, 8)])
@pytest.mark.parametrize("name", ["plain_unet", "resenc_unet"])
def test_counting_agrees_with_the_formula(name, patch):
    dims, residual = len(patch), name == "resenc_unet"
    options = {
        "widths": (8, 16, 24),
        "strides": ((1,) * dims, (2,) * dims, (2,) * dims),
        "kernels": ((3,) * dims,) * 3,
        "blocks": (1, 2, 2),
        "decoder_blocks": (1, 1),
    }
    counted = Pricer(name, dims, 2, 3, options)(patch)
    formula = price_unet(dims=dims, patch=patch, in_channels=2, out_channels=3, residual=residual, **options)
    assert (counted.flops, counted.parameters) == (formula.flops, formula.parameters)
    assert counted.activations == pytest.approx(formula.activations, rel=0.06)
    assert 0 < counted.forward < counted.activations


@pytest.mark.parametrize("name", sorted(NETS))
def test_every_network_can_be_priced(name):
    dims, small = NETS[name].card.dims[-1], NETS[name].card.small
    price = Pricer(name, dims, 1, 2, small)((32,) * dims)
    assert price.flops > price.parameters == count_parameters(build_net(name, dims, 1, 2, small))
    assert 0 < price.forward < price.activations


def test_what_is_dropped_is_alive_no_more():
    with LiveNumbers() as live:
        x = torch.zeros(10, device="meta")
        y = x + 1
        view = y[:5]
        assert (live.now, live.peak) == (20, 20)
        del x, y
        assert live.now == 10, "the view keeps its whole tensor"
        del view
    assert (live.now, live.peak) == (0, 20)


def test_only_what_the_backward_pass_needs_is_kept():
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2)).to("meta")
    with LiveNumbers() as live:
        out = net(torch.zeros(3, 4, device="meta"))
    # the input, the activation's output and the answer; the first layer's own output is not needed
    assert live.now == 3 * 4 + 3 * 6 + 3 * 2
    del out
