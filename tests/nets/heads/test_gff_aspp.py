from __future__ import annotations

import pytest
import torch

from delineate.nets.head import build_head


@pytest.mark.parametrize(("dims", "rates", "dense"), [(2, (12, 24, 36), (3, 6, 9)), (3, (4, 8, 12), (1, 2, 3))])
def test_rates_shrink_in_3d(dims, rates, dense):
    head = build_head("gff_aspp", dims, (4, 8, 16), 2, {"width": 4, "context": 6})
    assert tuple(branch[0].dilation[0] for branch in head.pyramid.branches[1:]) == rates
    assert tuple(body[-2].dilation[0] for body in head.dense) == dense


def test_every_channel_has_its_gate_and_deeper_results_come_first():
    head = build_head("gff_aspp", 2, (4, 8, 16), 3, {"width": 5, "context": 6})
    assert [(g.in_channels, g.out_channels) for g in head.gates] == [(4, 5), (8, 5), (6, 5)]
    assert [body[0].num_features for body in head.dense] == [5, 10, 15]
    assert head.classify[0][0].in_channels == 4 * 5 and head.classify[-1].bias is None


def test_closed_gates_pass_the_others_and_open_ones_double_their_own():
    torch.manual_seed(0)
    head = build_head("gff_aspp", 2, (4, 8), 2, {"width": 5, "context": 6, "levels": (0,)}).eval()
    for gate in head.gates:
        torch.nn.init.zeros_(gate.weight)
    torch.nn.init.constant_(head.gates[0].bias, 50.0)
    torch.nn.init.constant_(head.gates[1].bias, -50.0)
    maps = [torch.randn(1, 4, 8, 6), torch.randn(1, 8, 4, 3)]
    given = {}
    head.dense[0].register_forward_pre_hook(lambda _, x: given.update(deep=x[0]))
    head.dense[1].register_forward_pre_hook(lambda _, x: given.update(fine=x[0]))
    with torch.no_grad():
        assert head(maps).shape == (1, 2, 8, 6)
        fine, deep = head.narrow[0](maps[0]), head.narrow[1](head.pyramid(maps[1]))
        half = torch.nn.functional.interpolate(fine, size=(4, 3), mode="bilinear")
        wanted = torch.nn.functional.interpolate(deep + half, size=(8, 6), mode="bilinear")
    torch.testing.assert_close(given["fine"][:, 5:], 2 * fine)
    torch.testing.assert_close(given["deep"], wanted)
