from __future__ import annotations

import torch

from delineate.nets.head import build_head


def test_it_takes_the_last_four_maps_and_answers_at_the_first_of_them():
    torch.manual_seed(0)
    channels, sizes = (3, 4, 5, 6, 7), ((16, 16), (8, 8), (4, 4), (2, 2), (1, 1))
    head = build_head("segformer", 2, channels, 2, {"width": 8}).eval()
    maps = [torch.randn(1, c, *s) for c, s in zip(channels, sizes, strict=True)]
    with torch.no_grad():
        out = head(maps)
        assert out.shape == (1, 2, 8, 8)
        torch.testing.assert_close(head(maps[1:]), out)


def test_parameters_are_named_as_in_the_published_files():
    head = build_head("segformer", 2, (4, 5, 6, 7), 2, {"width": 8})
    shapes = {k: tuple(v.shape) for k, v in head.named_parameters()}
    wanted = {f"linear_c{i}.proj.weight": (8, i + 3) for i in (1, 2, 3, 4)}
    wanted |= {"linear_fuse.conv.weight": (8, 32, 1, 1), "linear_fuse.bn.weight": (8,)}
    wanted |= {"linear_pred.weight": (2, 8, 1, 1), "linear_pred.bias": (2,)}
    assert {k: shapes.get(k) for k in wanted} == wanted


def test_the_coarsest_map_comes_first_in_the_joint():
    head = build_head("segformer", 2, (4, 4, 4, 4), 2, {"width": 8}).eval()
    with torch.no_grad():
        head.linear_fuse["conv"].weight[:, 8:] = 0  # only the first of the joined maps is left
    maps = [torch.randn(1, 4, n, n) for n in (8, 4, 2, 1)]
    other = [torch.randn_like(m) for m in maps[:3]] + maps[3:]
    with torch.no_grad():
        torch.testing.assert_close(head(maps), head(other))
