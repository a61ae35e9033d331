from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets.blocks.weight_standard import StandardBottleneck, group_norm, standard_conv, standardised


def test_filters_have_mean_zero_and_variance_one():
    weight = standardised(3 + 2 * torch.randn(5, 4, 3, 3)).flatten(1)
    torch.testing.assert_close(weight.mean(1), torch.zeros(5), atol=1e-6, rtol=0)
    torch.testing.assert_close(weight.var(1, correction=0), torch.ones(5), atol=1e-4, rtol=0)


@pytest.mark.parametrize("dims", [2, 3])
def test_neither_scale_nor_offset_of_a_filter_counts(dims):
    torch.manual_seed(0)
    conv = standard_conv(dims, 2, 3, 3, 2)
    x = torch.randn(1, 2, *(7,) * dims)
    plain = (F.conv2d if dims == 2 else F.conv3d)(x, standardised(conv.weight), None, 2, 1)
    torch.testing.assert_close(conv(x), plain)
    with torch.no_grad():
        conv.weight.mul_(10).add_(4)
    torch.testing.assert_close(conv(x), plain, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("size", [(8, 1), (2, 2, 2)])
def test_a_short_map_is_convolved_in_float32_in_bfloat16_too(size):
    torch.manual_seed(0)
    conv, x = standard_conv(len(size), 16, 16, 3, 2), torch.randn(2, 16, *size)
    with torch.autocast("cpu", torch.bfloat16):
        out = conv(x)
    assert out.dtype == torch.bfloat16 and torch.equal(out, conv(x).bfloat16())


def test_groups_have_two_channels_at_least():
    assert [group_norm(c).num_groups for c in (64, 256, 32, 8, 6, 4, 1)] == [32, 32, 16, 4, 2, 2, 1]


def test_a_block_strides_once_and_takes_one_voxel():
    block = StandardBottleneck(2, 8, 4, stride=2).train()
    assert block(torch.randn(1, 8, 5, 6)).shape == (1, 16, 3, 3)
    assert torch.isfinite(block(torch.randn(1, 8, 1, 1))).all()
    assert StandardBottleneck(2, 16, 4).downsample is None
