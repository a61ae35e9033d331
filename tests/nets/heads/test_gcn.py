"""Global convolution."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.head import build_head
from delineate.nets.heads.gcn import GlobalConv


@pytest.mark.parametrize("dims", [2, 3])
def test_it_is_one_dense_window_of_the_kernels_size(dims):
    torch.manual_seed(0)
    layer = GlobalConv(dims, 2, 3, 5).double()
    for name, parameter in layer.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
    assert len(layer.orders) == dims
    for order in layer.orders:
        assert sorted(c.kernel_size for c in order) == sorted(
            tuple(5 if a == axis else 1 for a in range(dims)) for axis in range(dims)
        )
    assert {order[0].kernel_size for order in layer.orders} == {c.kernel_size for c in layer.orders[0]}
    impulses = torch.zeros(2, 2, *(9,) * dims, dtype=torch.float64)
    for channel in range(2):
        impulses[(channel, channel, *(4,) * dims)] = 1
    seen = layer(impulses)[(slice(None), slice(None), *(slice(2, 7),) * dims)]
    assert (seen != 0).all() and layer(impulses).count_nonzero() == seen.numel()
    dense = seen.transpose(0, 1).flip(tuple(range(2, 2 + dims)))
    x = torch.randn(1, 2, *(8, 7, 9)[:dims], dtype=torch.float64)
    inside = (slice(None), slice(None), *(slice(2, -2),) * dims)  # at the border padding differs between the two
    torch.testing.assert_close(layer(x)[inside], (F.conv2d if dims == 2 else F.conv3d)(x, dense))


def test_an_even_kernel_is_refused():
    with pytest.raises(UsageError, match="odd"):
        build_head("gcn", 2, (8, 16, 32, 64), 2, {"kernel": 6})
