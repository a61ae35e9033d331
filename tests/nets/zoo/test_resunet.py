from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters


def test_parameters_equal_the_papers():
    with torch.device("meta"):
        net, paper = build_net("resunet", 2, 1, 20), build_net("resunet", 2, 3, 1)
    assert count_parameters(net) == 8_223_764
    shortcuts = sum(p.numel() for key, p in paper.named_parameters() if "shortcut" in key)
    assert count_parameters(paper) - shortcuts == 7_789_313  # the paper's 7.8 million


@pytest.mark.parametrize("dims", [2, 3])
def test_units_stride_and_every_skip_joins_its_level(dims):
    net = build_net("resunet", dims, 1, 2, {"widths": (3, 4, 5)}).eval()
    sizes, joined = [], []
    for unit in net.encoder:
        unit.register_forward_hook(lambda module, given, out: sizes.append(out.shape[-1]))
    for unit in net.decoder:
        unit.register_forward_pre_hook(lambda module, given: joined.append(tuple(given[0].shape[1::dims])))
    assert net(torch.randn(1, 1, *(10,) * dims)).shape == (1, 2, *(10,) * dims)
    assert sizes == [12, 6, 3] and [one[0] for one in joined] == [5 + 4, 4 + 3]
    assert not any(isinstance(m, torch.nn.Sigmoid) for m in net.modules())
