"""The efficient spatial pyramid."""

from __future__ import annotations

import pytest
import torch

from delineate.nets.blocks.esp import EspBlock, EspEncoder


@pytest.mark.parametrize("dims", [2, 3])
def test_dilation_one_stays_out_of_the_running_sum(dims):
    torch.manual_seed(0)
    block = EspBlock(dims, 6, 13)
    x = torch.randn(2, 6, *(9,) * dims)
    reduced = block.reduce(x)
    d1, d2, d4, d8, d16 = (b(reduced) for b in block.branches)
    assert d1.shape[1] == 13 - 4 * 2 and d16.shape[1] == 2
    wanted = torch.cat([d1, d2, d2 + d4, d2 + d4 + d8, d2 + d4 + d8 + d16], 1)
    torch.testing.assert_close(block(x), block.norm(wanted))


def test_the_residual_is_added_before_the_norm():
    torch.manual_seed(0)
    block = EspBlock(2, 10, 10, residual=True)
    x = torch.randn(1, 10, 8, 8)
    block.residual = False
    plain, norm = block(x), block.norm
    block.norm = torch.nn.Identity()
    inner = block(x)
    block.norm, block.residual = norm, True
    torch.testing.assert_close(block(x), norm(inner + x))
    assert not torch.allclose(block(x), plain)


def test_each_level_sees_the_averaged_image():
    encoder = EspEncoder(2, 3, 5, 1, 1)
    first, second, third = encoder(torch.randn(1, 3, 16, 24))
    assert first.shape == (1, 8, 8, 12) and second.shape == (1, 43, 4, 6) and third.shape == (1, 80, 2, 3)
    assert encoder.channels == (8, 43, 80)
