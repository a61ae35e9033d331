from __future__ import annotations

import torch

from delineate.nets.head import build_head


def test_there_is_one_context_for_each_grid():
    head = build_head("ocnet_pyramid", 2, (8, 16), 3)
    assert [context.grid for context in head.contexts] == [1, 2, 3, 6]
    assert len({id(p) for p in head.parameters()}) == len(list(head.parameters()))
    calls = []
    for context in head.contexts:
        context.register_forward_hook(lambda module, *_: calls.append(module.grid))
    head([torch.zeros(1, 8, 2, 2), torch.randn(1, 16, 7, 5)])
    assert calls == [1, 2, 3, 6]
    weights = {id(context.key[0].weight) for context in head.contexts}
    assert len(weights) == 4, "each with its own"
