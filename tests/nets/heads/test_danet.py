from __future__ import annotations

import pytest
import torch

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets.head import build_head
from delineate.nets.heads.danet import ChannelAttention, PositionAttention


@torch.no_grad()
def test_places_gather_from_all_places():
    torch.manual_seed(0)
    attention, x = PositionAttention(2, 8), torch.randn(1, 8, 2, 3)
    assert torch.equal(attention(x), x), "gamma starts at zero"
    attention.gamma.fill_(0.7)
    query, key, value = (m(x).flatten(2)[0] for m in (attention.query, attention.key, attention.value))
    wanted = torch.stack([value @ (key.T @ query[:, i]).softmax(0) for i in range(6)], 1).reshape(1, 8, 2, 3)
    torch.testing.assert_close(attention(x), x + 0.7 * wanted)


@torch.no_grad()
def test_channels_gather_most_from_those_least_like_them():
    attention = ChannelAttention()
    attention.gamma.fill_(1.0)
    x = torch.randn(1, 4, 3, 2)
    flat, out = x[0].flatten(1), attention(x)
    for i in range(4):
        products = torch.stack([flat[i] @ flat[j] for j in range(4)])
        weights = (products.max() - products).softmax(0)
        assert weights.argmax() == products.argmin()
        torch.testing.assert_close(out[0, i].flatten(), flat[i] + weights @ flat)


def test_products_of_half_precision_do_not_overflow():
    attention = ChannelAttention()
    torch.nn.init.ones_(attention.gamma)
    out = attention(torch.full((1, 3, 40, 40), 100.0, dtype=torch.float16))  # products of 1.6e7
    assert out.dtype == torch.float16 or out.dtype == torch.float32
    assert torch.isfinite(out).all()


def test_the_answer_is_the_sum_branch_alone():
    torch.manual_seed(0)
    head = build_head("danet", 2, (8, 16), 3, {"dropout": 0.0})
    assert head.auxiliaries == {"position": Auxiliary(weight=1.0), "channel": Auxiliary(weight=1.0)}
    maps = [torch.randn(2, 8, 6, 6), torch.randn(2, 16, 3, 3)]
    outs = head.train()(maps)
    assert list(outs) == ["out", "position", "channel"]
    head.eval()
    out = head(maps)
    with torch.no_grad():
        for side in (head.classify_position, head.classify_channel):
            side[1].weight.zero_()
    assert torch.equal(head(maps), out), "the others have no say"


def test_a_map_too_large_is_refused():
    head = build_head("danet", 3, (8, 16), 3, {"attention_gib": 0.1})
    with pytest.raises(UsageError, match="13824 to 13824 voxels"):
        head([torch.zeros(1, 8, 1, 1, 1), torch.zeros(1, 16, 24, 24, 24)])
