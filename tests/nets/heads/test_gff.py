"""Gated full fusion."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets.head import build_head
from delineate.nets.heads.gff import GatedFusion


@pytest.mark.parametrize("dims", [2, 3])
def test_all_levels_are_fused_at_once_as_in_the_equation(dims):
    torch.manual_seed(0)
    fusion = GatedFusion(dims, 4, 3)
    maps = [torch.randn(2, 4, *(n,) * dims) for n in (8, 4, 3)]
    gates = [torch.sigmoid(gate(x)) for gate, x in zip(fusion.gates, maps, strict=True)]
    assert all(g.shape[1] == 1 for g in gates)
    mode = "bilinear" if dims == 2 else "trilinear"
    wanted = []
    for i in range(3):
        total = (1 + gates[i]) * maps[i]
        for j in range(3):
            if j != i:
                sent = F.interpolate(gates[j] * maps[j], size=maps[i].shape[2:], mode=mode)
                total = total + (1 - gates[i]) * sent
        wanted.append(fusion.fuse[i](total))
    for own, one in zip(fusion(maps), wanted, strict=True):
        torch.testing.assert_close(own, one)


def test_each_level_is_convolved_with_all_deeper_ones_and_the_context():
    head = build_head("gff", 2, (4, 8, 16, 32, 64), 3, {"width": 8})
    assert [d[0].in_channels for d in head.dense] == [16, 24, 32, 40]
    assert head.classify[0][0].in_channels == 5 * 8
    assert head.context.join[0].in_channels == 64 + 4 * 16
