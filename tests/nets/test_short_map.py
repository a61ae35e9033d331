"""Convolutions of short maps in bfloat16."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import same_conv
from delineate.nets.short_map import ShortMapConv3d


def test_a_short_map_is_convolved_in_float32_and_then_rounded():
    torch.manual_seed(0)
    layer = same_conv(3, 16, 16, 3)
    assert isinstance(layer, ShortMapConv3d)
    x = torch.randn(2, 16, 2, 2, 2)
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(x)
    assert out.dtype == torch.bfloat16 and torch.equal(out, layer(x).bfloat16())
    out.float().square().mean().backward()
    assert torch.isfinite(layer.weight.grad).all()


def test_a_picture_one_pixel_wide_is_convolved_in_float32_too():
    torch.manual_seed(0)
    layer, x = same_conv(2, 16, 16, 3, stride=2), torch.randn(2, 16, 8, 1)
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(x)
    assert torch.equal(out, layer(x).bfloat16())
    out.float().square().mean().backward()
    assert torch.isfinite(layer.weight.grad).all()


def test_all_else_is_torchs_own():
    torch.manual_seed(0)
    layer, x = ShortMapConv3d(2, 3, 3, padding=1), torch.randn(1, 2, 5, 4, 6)
    plain = nn.Conv3d(2, 3, 3, padding=1)
    plain.load_state_dict(layer.state_dict())
    assert torch.equal(layer(x), plain(x))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer(x), plain(x))
    short = x[:, :, :1]
    assert torch.equal(layer(short), plain(short))
