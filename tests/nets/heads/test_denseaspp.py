from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets.head import build_head


def test_every_branch_sees_the_results_of_all_before_it():
    torch.manual_seed(0)
    head = build_head("denseaspp", 2, (6, 10), 3, {"middle": 4, "width": 2, "rates": (1, 3, 2)}).eval()
    seen = head.narrow(torch.randn(2, 10, 9, 7))
    assert seen.shape[1] == 5 and seen.min() == 0
    x = seen
    for branch, rate in zip(head.branches, (1, 3, 2), strict=True):
        layers = list(branch.body)
        start = x if len(layers) == 5 else F.relu(layers[0](x))
        squeeze, norm, _, dilated, _ = layers[-5:]
        middle = F.relu(norm(F.conv2d(start, squeeze.weight, squeeze.bias)))
        new = F.conv2d(middle, dilated.weight, dilated.bias, padding=rate, dilation=rate)
        x = torch.cat((new, x), 1)
    assert x.shape[1] == 5 + 3 * 2 and len(head.branches[0].body) == 5 and len(head.branches[1].body) == 7
    torch.testing.assert_close(head.branches(seen), x)


@pytest.mark.parametrize(("dims", "rates"), [(2, [3, 6, 12, 18, 24]), (3, [1, 2, 4, 6, 8])])
def test_rates_are_the_papers_in_2d_and_a_third_of_them_in_3d(dims, rates):
    head = build_head("denseaspp", dims, (8,), 2)
    assert [branch.body[-2].dilation for branch in head.branches] == [(r,) * dims for r in rates]


def test_without_halving_the_map_is_taken_as_it_is():
    head = build_head("denseaspp", 2, (8,), 2, {"halve": False, "width": 3})
    assert not len(head.narrow) and head.classify[-1].in_channels == 8 + 5 * 3


def test_the_map_is_left_as_it_is():
    head = build_head("denseaspp", 2, (8,), 2, {"halve": False, "middle": 4, "width": 3})
    x = torch.randn(1, 8, 6, 5)
    before = x.clone()
    head([x])
    assert torch.equal(x, before)
