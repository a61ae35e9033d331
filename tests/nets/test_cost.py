"""Multiply-adds beside the planner's formula, and beside counting by hand."""

from __future__ import annotations

import pytest
import torch

from delineate.core.price import price_unet
from delineate.nets.cost import count_cost
from delineate.nets.net import NETS, build_net, count_parameters

WIDTHS, STRIDES = (4, 8, 16), ((1, 1, 1), (2, 2, 2), (1, 2, 2))
OPTIONS = {"widths": WIDTHS, "strides": STRIDES, "kernels": 3, "blocks": 2, "decoder_blocks": 1}


@pytest.mark.parametrize(("name", "residual"), [("plain_unet", False), ("resenc_unet", True)])
def test_u_nets_cost_what_the_planner_says(name, residual):
    cost = count_cost(name, 3, 2, 3, OPTIONS, (8, 16, 16))
    price = price_unet(3, (8, 16, 16), 2, 3, WIDTHS, STRIDES, ((3, 3, 3),) * 3, (2,) * 3, (1,) * 2, residual)
    assert cost.parameters == price.parameters
    assert cost.multiply_adds == price.flops


@pytest.mark.parametrize("name", sorted(NETS))
def test_every_network_can_be_counted(name):
    dims = NETS[name].card.dims[-1]
    cost = count_cost(name, dims, 1, 2, {}, (32,) * dims)
    assert cost.multiply_adds is not None and cost.multiply_adds > cost.parameters
    assert cost.parameters == count_parameters(build_net(name, dims, 1, 2))


def test_a_network_that_looks_at_values_is_not_counted(monkeypatch):
    class Looks(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(3))

        def forward(self, image):
            return image if image.sum().item() > 0 else -image

    monkeypatch.setattr("delineate.nets.cost.build_net", lambda *_: Looks())
    cost = count_cost("looks", 2, 1, 1, {}, (4, 4))
    assert (cost.parameters, cost.multiply_adds) == (3, None)
