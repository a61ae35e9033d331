from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.norm import BatchNorm, InstanceNorm, LayerNorm


@pytest.mark.parametrize("size", [(5,), (4, 3), (2, 3, 4)])
def test_batch_norm_is_torchs(size):
    torch.manual_seed(0)
    own, known = BatchNorm(3), {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[len(size)](3)
    assert list(own.state_dict()) == list(known.state_dict())
    x = torch.randn(2, 3, *size)
    for _ in range(2):
        torch.testing.assert_close(own(x), known(x))
    torch.testing.assert_close(own.eval()(x), known.eval()(x))


def test_one_value_per_channel_trains_and_leaves_the_statistics_alone():
    norm, x = BatchNorm(3), torch.randn(1, 3, 1, 1, requires_grad=True)
    before = {k: v.clone() for k, v in norm.state_dict().items()}
    norm(x).sum().backward()
    torch.testing.assert_close(norm(x), x / (1 + norm.eps) ** 0.5)
    assert x.grad is not None and x.grad.all()
    assert all(torch.equal(v, before[k]) for k, v in norm.state_dict().items())
    with pytest.raises(ValueError, match="more than 1 value"):
        nn.BatchNorm2d(3)(x)


def test_layer_norm_goes_over_the_channels():
    torch.manual_seed(0)
    norm, x = LayerNorm(5), torch.randn(2, 5, 3, 4)
    nn.init.normal_(norm.weight)
    expected = F.layer_norm(x.permute(0, 2, 3, 1), (5,), norm.weight, norm.bias, 1e-6).permute(0, 3, 1, 2)
    torch.testing.assert_close(norm(x), expected)


@pytest.mark.parametrize("size", [(6, 5), (4, 6, 5)])
def test_instance_norm_is_torchs(size):
    torch.manual_seed(0)
    norm = InstanceNorm(3)
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    x = torch.randn(2, 3, *size)
    expected = F.instance_norm(x, weight=norm.weight, bias=norm.bias)
    torch.testing.assert_close(norm(x), expected)


def test_one_voxel_passes_the_instance_norm_with_a_gradient():
    norm, x = InstanceNorm(3), torch.randn(1, 3, 1, 1, requires_grad=True)
    norm(x).sum().backward()
    assert torch.equal(norm(x), x)
    assert x.grad is not None and x.grad.all()
