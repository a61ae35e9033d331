from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.blocks.object_context import ObjectContext


def made(dims=2, **options):
    torch.manual_seed(0)
    context = ObjectContext(dims, 4, 3, 5, **options).eval()
    with torch.no_grad():
        context.expand.weight.normal_()
        context.expand.bias.normal_()
    return context


def naive(context, x, block_of):
    """Voxel by voxel, keys that are queries, inside the voxel's block."""
    key, value = context.key(x), context.value(x)
    out = torch.zeros_like(value)
    places = [(y, z) for y in range(x.shape[2]) for z in range(x.shape[3])]
    for here in places:
        near = [p for p in places if block_of(p) == block_of(here)]
        scores = torch.stack([key[0, :, here[0], here[1]] @ key[0, :, p[0], p[1]] for p in near]) / 3**0.5
        out[0, :, here[0], here[1]] = sum(
            w * value[0, :, p[0], p[1]] for w, p in zip(scores.softmax(0), near, strict=True)
        )
    return context.expand(out)


@torch.no_grad()
def test_attention_of_the_whole_map_equals_a_loop():
    context, x = made(), torch.randn(1, 4, 3, 4)
    torch.testing.assert_close(context(x), naive(context, x, lambda p: 0))


@torch.no_grad()
def test_attention_stays_inside_its_block():
    context, x = made(grid=2), torch.randn(1, 4, 4, 5)
    torch.testing.assert_close(context(x), naive(context, x, lambda p: (p[0] >= 2, p[1] >= 2)))


def test_it_starts_as_nothing():
    assert not ObjectContext(2, 4, 3)(torch.randn(2, 4, 3, 3)).any()


@torch.no_grad()
@pytest.mark.parametrize("size", [(1, 1), (2, 7), (5, 3)])
def test_any_size_fits_blocks_and_pooling(size):
    x = torch.randn(1, 4, *size)
    assert made(grid=6)(x).shape == x.shape
    assert made(pool=2)(x).shape == x.shape
    assert made(3, grid=3, pool=2)(x[:, :, None]).shape == x[:, :, None].shape


def test_a_block_too_large_is_refused():
    context = made(attention_gib=1e-6)
    with pytest.raises(UsageError, match="30 to 30 voxels"):
        context(torch.randn(1, 4, 6, 5))
    with torch.no_grad():
        assert made(attention_gib=1e-6, grid=2)(torch.randn(1, 4, 6, 5)).shape == (1, 4, 6, 5)
