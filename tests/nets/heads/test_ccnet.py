from __future__ import annotations

from itertools import product

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head
from delineate.nets.heads.ccnet import CrissCrossAttention


def made(dims, channels=8):
    torch.manual_seed(0)
    attention = CrissCrossAttention(dims, channels)
    with torch.no_grad():
        attention.gamma.fill_(0.7)
    return attention


@torch.no_grad()
@pytest.mark.parametrize("size", [(3, 4), (1, 1), (1, 5), (2, 3, 4), (3, 1, 2)])
def test_a_voxel_gathers_from_its_lines_and_counts_itself_once(size):
    attention, x = made(len(size)), torch.randn(2, 8, *size)
    query, key, value = attention.query(x), attention.key(x), attention.value(x)
    wanted = x.clone()
    places = list(product(*map(range, size)))
    for b in range(2):
        for here in places:
            seen = [p for p in places if sum(i != j for i, j in zip(p, here, strict=True)) <= 1]
            scores = torch.stack([query[(b, slice(None), *here)] @ key[(b, slice(None), *p)] for p in seen])
            gathered = sum(w * value[(b, slice(None), *p)] for w, p in zip(scores.softmax(0), seen, strict=True))
            wanted[(b, slice(None), *here)] += 0.7 * gathered
    torch.testing.assert_close(attention(x), wanted)


@pytest.mark.parametrize("size", [(4, 5), (3, 4, 3)])
def test_as_many_rounds_as_axes_reach_every_voxel_and_fewer_do_not(size):
    attention = made(len(size))
    x = torch.randn(1, 8, *size, requires_grad=True)
    y = x
    for _ in range(len(size)):
        (reach,) = torch.autograd.grad(y[(0, slice(None), *(0,) * len(size))].sum(), x, retain_graph=True)
        assert not reach.abs().sum(1).all(), "not yet"
        y = attention(y)
    (reach,) = torch.autograd.grad(y[(0, slice(None), *(0,) * len(size))].sum(), x, retain_graph=True)
    assert reach.abs().sum(1).all()


@pytest.mark.parametrize("dims", [2, 3])
def test_rounds_share_their_weights(dims):
    once, more = (build_head("ccnet", dims, (8, 16), 3, {"recurrence": n}) for n in (1, None))
    assert once.recurrence == 1 and more.recurrence == dims
    assert [p.shape for p in once.parameters()] == [p.shape for p in more.parameters()]
    calls = []
    more.attention.register_forward_hook(lambda *_: calls.append(1))
    more([torch.zeros(1, 8, *(4,) * dims), torch.zeros(1, 16, *(2,) * dims)])
    assert len(calls) == dims


def test_no_round_at_all_is_refused():
    with pytest.raises(UsageError, match="0 rounds"):
        build_head("ccnet", 2, (8, 16), 3, {"recurrence": 0})


def test_a_map_too_large_is_refused():
    head = build_head("ccnet", 2, (8, 16), 3, {"attention_gib": 1e-6})
    with pytest.raises(UsageError, match="100 to 20 voxels"):
        head([torch.zeros(1, 8, 1, 1), torch.zeros(1, 16, 10, 10)])
