from __future__ import annotations

import pytest
import torch

from delineate.nets.blocks.attention_gate import AttentionGate


def test_a_voxel_is_weighed_as_a_whole_between_nothing_and_itself():
    torch.manual_seed(0)
    gate = AttentionGate(3, 4, 6, 2)
    x, g = torch.rand(2, 4, 3, 4, 5) + 0.1, torch.randn(2, 6, 3, 4, 5)
    weights = gate(x, g) / x
    torch.testing.assert_close(weights, weights[:, :1].expand_as(weights))
    assert 0 < weights.min() < 0.5 < weights.max() < 1


@pytest.mark.parametrize("dims", [2, 3])
def test_it_is_monais_gate(dims):
    nets = pytest.importorskip("monai.networks.nets.attentionunet")
    torch.manual_seed(0)
    ours, theirs = AttentionGate(dims, 4, 6, 2), nets.AttentionBlock(dims, f_int=2, f_g=6, f_l=4)
    mine = (*ours.of_g.parameters(), *ours.of_x.parameters(), *ours.psi.parameters())
    with torch.no_grad():
        for own, other in zip(mine, theirs.parameters(), strict=True):
            other.copy_(own.reshape(other.shape))
    size = (2, 3, 4, 5)[4 - dims :]
    x, g = torch.randn(2, 4, *size), torch.randn(2, 6, *size)
    torch.testing.assert_close(ours(x, g), theirs(g=g, x=x))
