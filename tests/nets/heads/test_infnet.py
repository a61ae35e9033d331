"""The edge branch."""

from __future__ import annotations

import torch

from delineate.nets.head import build_head

OPTIONS = {"width": 4, "deep_width": 8, "stage_width": 8}
CHANNELS = (3, 4, 6, 8)


def test_edges_guide_every_stage_and_are_one_boundary_for_all_classes():
    torch.manual_seed(0)
    head = build_head("infnet", 2, CHANNELS, 5, OPTIONS)
    maps = [torch.randn(2, c, n, n) for c, n in zip(CHANNELS, (12, 6, 3, 2), strict=True)]
    assert head.auxiliaries["edge"].target == "boundary"
    first = head(maps)
    assert first["edge"].shape == (2, 1, 12, 12)
    second = head([torch.randn(2, 3, 12, 12), *maps[1:]])
    torch.testing.assert_close(first["coarse"], second["coarse"])
    assert all(not torch.allclose(first[key], second[key]) for key in ("edge", "stage1", "stage2", "out"))
