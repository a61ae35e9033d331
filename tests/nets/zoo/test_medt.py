from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.zoo.medt import from_patches, to_patches

SMALL = NETS["medt"].card.small
UNUSED_CLASSIFIER, UNUSED_CONVS = 340, 35_536
"""Of the reference: in its constructor, in no forward."""


@pytest.mark.parametrize(
    ("variant", "count"),
    [
        ("axialunet", 1_326_372),
        ("gated_axial", 1_326_436),
        ("logo", 1_523_088 - UNUSED_CLASSIFIER),
        ("medt", 1_553_696 - UNUSED_CLASSIFIER - UNUSED_CONVS),
    ],
)
def test_parameters_equal_the_references(variant, count):
    with torch.device("meta"):
        net = build_net("medt", 2, 1, 20, {"variant": variant})
    assert count_parameters(net) == count  # jeya-maria-jose/Medical-Transformer


def test_patches_are_a_grid():
    x = torch.randn(2, 3, 8, 12)
    patches = to_patches(x, 4)
    assert patches.shape == (32, 3, 2, 3)
    torch.testing.assert_close(patches[16 + 4 * 1 + 2], x[1, :, 2:4, 6:9])
    torch.testing.assert_close(from_patches(patches, 4), x)


def test_the_local_branch_sees_the_whole_picture():
    """The reference's sees the first 128x128 voxels only."""
    torch.manual_seed(0)
    net = build_net("medt", 2, 1, 2, SMALL).eval()
    x = torch.randn(1, 1, 256, 192)
    other = x.clone()
    other[..., -8:, -8:] += 1
    seen = []
    net.local.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        net(x), net(other)
    changed = (seen[0] != seen[1]).flatten(1).any(1)
    assert seen[0].shape == (16, 8, 64, 48) and changed.tolist() == [False] * 15 + [True]


@pytest.mark.parametrize("variant", ["logo", "gated_axial", "axialunet"])
def test_variants_take_any_size(variant):
    net = build_net("medt", 2, 2, 3, {**SMALL, "variant": variant}).train()
    out = net(torch.randn(1, 2, 21, 35))
    out.square().mean().backward()
    assert out.shape == (1, 3, 21, 35)
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize("wrong", [{"grid": -1}, {"groups": 0}, {"depths": (1, 1)}, {"depths": (1, 0, 1, 1)}])
def test_numbers_that_make_no_branch_are_refused(wrong):
    with pytest.raises(UsageError, match="four depths"):
        build_net("medt", 2, 1, 2, {**NETS["medt"].card.small, **wrong})


def test_what_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="variant='global'"):
        build_net("medt", 2, 1, 2, {"variant": "global"})
    with pytest.raises(UsageError, match="4x4x4"):
        build_net("medt", 3, 1, 2)
