"""Attention along the axes."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.blocks.axial_attention import LineAttention, axial_attention


def made(dims, axis):
    torch.manual_seed(0)
    attention = LineAttention(dims, 8, axis)
    with torch.no_grad():
        attention.gamma.fill_(0.7)
    return attention


@torch.no_grad()
@pytest.mark.parametrize(("size", "axis"), [((3, 4), 0), ((3, 4), 1), ((1, 1), 0), ((2, 3, 4), 0), ((2, 3, 4), 2)])
def test_a_voxel_gathers_from_its_line(size, axis):
    attention, x = made(len(size), axis), torch.randn(2, 8, *size)
    query, key, value = attention.query(x), attention.key(x), attention.value(x)
    wanted = x.clone()
    for b, *here in product(range(2), *map(range, size)):
        for there in range(size[axis]):
            other = [there if a == axis else p for a, p in enumerate(here)]
            score = torch.sigmoid(query[(b, slice(None), *here)] @ key[(b, slice(None), *other)])
            wanted[(b, slice(None), *here)] += 0.7 * score * value[(b, slice(None), *other)]
    torch.testing.assert_close(attention(x), wanted)


def test_height_is_not_width_on_a_square():
    down, across = made(2, 0), made(2, 1)
    across.load_state_dict(down.state_dict())
    x = torch.randn(1, 8, 5, 5)
    assert not torch.allclose(down(x), across(x))
    torch.testing.assert_close(down(x), across(x.transpose(2, 3)).transpose(2, 3))


@pytest.mark.parametrize("dims", [2, 3])
def test_all_axes_together_reach_every_voxel(dims):
    torch.manual_seed(0)
    attention = axial_attention(dims, 8)
    assert [line.axis for line in attention[2:]] == list(range(dims))
    for line in attention[2:]:
        torch.nn.init.ones_(line.gamma)
    x = torch.randn(1, 8, *(6,) * dims, requires_grad=True)
    (reach,) = torch.autograd.grad(attention(x)[(0, slice(None), *(0,) * dims)].sum(), x)
    assert reach.abs().sum(1).all()


def test_a_map_too_large_is_refused():
    with pytest.raises(UsageError, match="200 to 20 voxels"):
        LineAttention(2, 8, 1, attention_gib=1e-6)(torch.zeros(1, 8, 10, 20))
