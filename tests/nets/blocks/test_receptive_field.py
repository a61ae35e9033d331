"""Windows of several sizes."""

from __future__ import annotations

import pytest
import torch

from delineate.nets.blocks.receptive_field import ReceptiveField


@pytest.mark.parametrize("dims", [2, 3])
def test_each_branch_sees_as_far_as_its_window_and_its_dilation(dims):
    torch.manual_seed(0)
    field = ReceptiveField(dims, 2, 3).eval()
    for branch, kernel in zip(field.branches, (1, 3, 5, 7), strict=True):
        x = torch.randn(1, 2, *(31 if dims == 2 else 25,) * dims, requires_grad=True)
        middle = (0, slice(None), *(n // 2 for n in x.shape[2:]))
        (reach,) = torch.autograd.grad(branch(x)[middle].sum(), x)
        half = 0 if kernel == 1 else kernel // 2 + kernel
        for axis in range(dims):
            seen = reach.abs().sum(dim=[d for d in range(2 + dims) if d != 2 + axis]).nonzero().flatten()
            assert seen.min() == x.shape[2 + axis] // 2 - half and seen.max() == x.shape[2 + axis] // 2 + half


def test_the_last_axis_comes_first_and_only_the_sum_is_rectified():
    field = ReceptiveField(2, 2, 3)
    kernels = [unit[0].kernel_size for unit in field.branches[3]]
    assert kernels == [(1, 1), (1, 7), (7, 1), (3, 3)]
    assert not any(isinstance(m, torch.nn.ReLU) for m in field.modules())
    out = field(torch.randn(2, 2, 9, 9))
    assert out.min() == 0 and out.max() > 0
