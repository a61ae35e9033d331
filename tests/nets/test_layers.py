from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.layers import BatchNorm, LayerNorm, Layers


def test_layers_are_torchs():
    assert issubclass(Layers(2).conv, nn.Conv2d) and issubclass(Layers(3).conv, nn.Conv3d)
    assert Layers(3).max_unpool is nn.MaxUnpool3d
    assert Layers(3).each(4) == (4, 4, 4) and Layers(3).along(1, 7) == (1, 7, 1)
    with pytest.raises(UsageError, match="1 dimensions"):
        Layers(1)


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
