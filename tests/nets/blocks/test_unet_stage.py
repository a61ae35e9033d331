from __future__ import annotations

import torch

from delineate.nets.blocks.unet_stage import ConvNorm, ResidualBlock, init_he, plain_stage, residual_stage


def test_a_residual_block_starts_as_its_shortcut():
    block = ResidualBlock(4, 4, (3, 3), (1, 1))
    init_he(block)
    x = torch.randn(1, 4, 6, 6).abs()
    torch.testing.assert_close(block(x), x)


def test_a_shortcut_has_only_what_it_needs():
    kinds = {
        (4, 4, 1): [],
        (4, 4, 2): ["AveragePool"],
        (4, 8, 1): ["ConvNorm"],
        (4, 8, 2): ["AveragePool", "ConvNorm"],
    }
    for (width, out, stride), wanted in kinds.items():
        block = ResidualBlock(width, out, (3, 3, 3), (stride,) * 3)
        assert [type(m).__name__ for m in block.shortcut] == wanted


def test_the_first_of_a_stage_strides():
    x = torch.randn(1, 2, 4, 8, 8)
    for stage in (plain_stage, residual_stage):
        made = stage(2, 5, (1, 3, 3), (1, 2, 2), 3)
        assert len(made) == 3
        assert made(x).shape == (1, 5, 4, 4, 4)


def test_convolution_before_a_norm_has_no_bias():
    assert ConvNorm(2, 3, (3, 3), (1, 1)).conv.bias is None


def test_he_initialisation_keeps_the_spread():
    torch.manual_seed(0)
    block = ConvNorm(64, 64, (3, 3), (1, 1))
    init_he(block)
    expected = (2 / (1 + 0.01**2) / (64 * 9)) ** 0.5
    assert abs(block.conv.weight.std().item() / expected - 1) < 0.02
