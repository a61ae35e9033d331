from __future__ import annotations

import pytest
import torch

from delineate.nets.head import build_head


@pytest.mark.parametrize(("dims", "rates"), [(2, (12, 24, 36)), (3, (2, 4, 6))])
def test_rates_shrink_in_volumes(dims, rates):
    head = build_head("ocnet_asp", dims, (8, 16), 3)
    assert tuple(branch[0].dilation[0] for branch in head.dilated) == rates
    own = build_head("ocnet_asp", dims, (8, 16), 3, {"rates": (1, 2)})
    assert [branch[0].dilation[0] for branch in own.dilated] == [1, 2]


def test_context_is_gathered_at_half_the_resolution():
    head = build_head("ocnet_asp", 2, (8, 16), 3)
    seen = []
    head.context[1].key.register_forward_hook(lambda _, __, out: seen.append(tuple(out.shape[2:])))
    assert head([torch.zeros(1, 8, 2, 2), torch.randn(1, 16, 7, 4)]).shape == (1, 3, 7, 4)
    assert seen == [(4, 2)]
