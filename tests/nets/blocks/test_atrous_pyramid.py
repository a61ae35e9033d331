from __future__ import annotations

import torch

from delineate.nets.blocks.atrous_pyramid import AtrousPyramid, default_rates


def test_rates_are_the_papers_and_a_third_in_volumes():
    assert default_rates(2, 16) == (6, 12, 18) and default_rates(2, 8) == (12, 24, 36)
    assert default_rates(3, 16) == (2, 4, 6) and default_rates(3, 32) == (1, 2, 3)


def test_every_voxel_sees_the_whole_map_once_pooled():
    torch.manual_seed(0)
    net = AtrousPyramid(2, 3, 4, (1, 2), dropout=0.0).eval()
    x = torch.randn(1, 3, 20, 20, requires_grad=True)
    net(x)[..., 0, 0].sum().backward()
    assert (x.grad[..., 19, 19] != 0).any()
    for branch in net.branches:
        x.grad = None
        branch(x)[..., 0, 0].sum().backward()
        assert (x.grad[..., 19, 19] == 0).all()


def test_single_values_are_dropped_and_not_channels():
    torch.manual_seed(0)
    drop = AtrousPyramid(2, 3, 4, dropout=0.5).train().project[-1]
    gone = (drop(torch.ones(1, 4, 16, 16)) == 0).float().mean((0, 2, 3))
    assert ((gone > 0.3) & (gone < 0.7)).all()


def test_one_map_of_one_voxel_trains():
    for separable in (False, True):
        out = AtrousPyramid(3, 3, 4, separable=separable).train()(torch.randn(1, 3, 1, 1, 1))
        assert torch.isfinite(out).all()
