from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import build_net, count_parameters


@pytest.mark.parametrize(("bilinear", "parameters"), [(False, 31_037_716), (True, 17_263_060)])
def test_parameters_equal_the_references(bilinear, parameters):
    with torch.device("meta"):
        net = build_net("unet", 2, 1, 20, {"bilinear": bilinear})
    assert count_parameters(net) == parameters  # milesial/Pytorch-UNet


@pytest.mark.parametrize("size", [(13, 22), (5, 8, 3)])
def test_it_can_interpolate_instead(size):
    net = build_net("unet", len(size), 1, 3, {"bilinear": True, "widths": (3, 5, 6)}).train()
    assert not any("Transpose" in type(module).__name__ for module in net.modules())
    out = net(torch.randn(1, 1, *size))
    assert out.shape == (1, 3, *size)
    out.square().mean().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_single_level_is_no_unet():
    with pytest.raises(UsageError, match="widths"):
        build_net("unet", 2, 1, 3, {"widths": (8,)})
