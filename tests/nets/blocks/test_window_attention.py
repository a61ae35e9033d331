from __future__ import annotations

from itertools import product

import pytest
import torch

from delineate.nets.blocks.window_attention import SwinBlock, WindowAttention


def by_loops(attention, x, shift):
    """Voxel by voxel: two see each other if no window's border lies between them."""
    size, width = x.shape[1:-1], x.shape[-1]
    windows = [min(attention.window, n) for n in size]
    starts = [shift if n > w else 0 for n, w in zip(size, windows, strict=True)]
    query, key, value = (t.unflatten(-1, (attention.heads, -1)) for t in attention.qkv(x).chunk(3, -1))
    places = list(product(*(range(n) for n in size)))
    out = torch.zeros_like(x)
    for p in places:
        box = [(a - s) // w for a, s, w in zip(p, starts, windows, strict=True)]
        seen = [q for q in places if [(a - s) // w for a, s, w in zip(q, starts, windows, strict=True)] == box]
        index = []
        for q in seen:
            one = 0
            for a, b in zip(p, q, strict=True):
                one = one * (2 * attention.window - 1) + a - b + attention.window - 1
            index.append(one)
        bias = attention.relative_position_bias_table[index]  # [seen, heads]
        keys = torch.stack([key[0][q] for q in seen])
        values = torch.stack([value[0][q] for q in seen])
        scores = (keys * query[0][p]).sum(-1) * (width // attention.heads) ** -0.5 + bias
        out[0][p] = (scores.softmax(0)[..., None] * values).sum(0).flatten()
    return attention.proj(out)


@pytest.mark.parametrize("shifted", [False, True])
@pytest.mark.parametrize("size", [(6, 3), (7, 5), (2, 4), (1, 1), (4, 2, 5)])
def test_attention_equals_loops(size, shifted):
    torch.manual_seed(0)
    attention = WindowAttention(len(size), 6, 2, 3, shifted)
    torch.nn.init.normal_(attention.relative_position_bias_table)
    x = torch.randn(1, *size, 6)
    with torch.no_grad():
        torch.testing.assert_close(attention(x), by_loops(attention, x, 1 if shifted else 0), rtol=1e-4, atol=1e-5)


def test_cases_of_a_batch_do_not_mix():
    torch.manual_seed(0)
    attention = WindowAttention(2, 4, 2, 3, shifted=True)
    x = torch.randn(3, 5, 7, 4)
    with torch.no_grad():
        torch.testing.assert_close(attention(x), torch.cat([attention(one[None]) for one in x]))


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("shifted", [False, True])
def test_a_block_equals_monais(dims, shifted):
    monai = pytest.importorskip("monai.networks.nets.swin_unetr")
    torch.manual_seed(0)
    own = SwinBlock(dims, 12, 3, 3, shifted, 4.0, 0.0)
    window, shift, size = (3,) * dims, (int(shifted),) * dims, (6, 9, 6)[:dims]
    other = monai.SwinTransformerBlock(12, 3, window, shift)
    state = {k.replace("mlp.fc", "mlp.linear"): v for k, v in own.state_dict().items()}
    assert other.load_state_dict(state, strict=False).unexpected_keys == []
    x = torch.randn(2, *size, 12)
    mask = monai.compute_mask(list(size), window, shift, x.device) if shifted else None
    with torch.no_grad():
        torch.testing.assert_close(own(x), other(x, mask))
