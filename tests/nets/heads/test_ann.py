from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head
from delineate.nets.heads.ann import AsymmetricAttention, PyramidPool


@pytest.mark.parametrize(("dims", "anchors"), [(2, 110), (3, 756)])
@pytest.mark.parametrize("length", [1, 5, 13])
def test_there_are_as_many_anchors_whatever_the_size(dims, anchors, length):
    assert PyramidPool(dims)(torch.zeros(1, 2, *(length,) * dims)).shape == (1, 2, anchors)


def test_anchors_are_means_of_windows():
    x = torch.randn(1, 2, 24, 24)
    anchors = PyramidPool(2)(x)
    torch.testing.assert_close(anchors[..., 0], x.mean((2, 3)))
    torch.testing.assert_close(anchors[..., 1 + 5], x[..., 8:16, 16:].mean((2, 3)))
    torch.testing.assert_close(anchors[..., -1], x[..., 21:, 21:].mean((2, 3)))


@torch.no_grad()
@pytest.mark.parametrize("shared", [True, False])
def test_voxels_gather_from_anchors(shared):
    torch.manual_seed(0)
    attention = AsymmetricAttention(2, 4, 4 if shared else 6, 5, 3, shared).eval()
    x = torch.randn(1, 4, 3, 2)
    source = x if shared else torch.randn(1, 6, 5, 7)
    assert not attention(x, source).any(), "it starts as nothing"
    attention.expand.weight.normal_()
    query, value = attention.query(x), PyramidPool(2)(attention.value(source))[0]
    key = PyramidPool(2)(query if shared else attention.key(source))[0]
    gathered = torch.stack(
        [value @ ((key.T @ query[0, :, y, z]) / 3**0.5).softmax(0) for y in range(3) for z in range(2)]
    )
    torch.testing.assert_close(attention(x, source), attention.expand(gathered.T.reshape(1, 3, 3, 2)))


def test_one_map_is_too_few():
    with pytest.raises(UsageError, match="on 1 map"):
        build_head("ann", 2, (8,), 2)


def test_memory_grows_with_the_voxels_only():
    head = build_head("ann", 3, (4, 8), 2).eval()
    maps = [torch.randn(1, 4, 24, 24, 24), torch.randn(1, 8, 24, 24, 24)]
    with torch.no_grad():  # all pairs of these 13,824 voxels would take 0.76 GB
        assert head(maps).shape == (1, 2, 24, 24, 24)
