"""Every head keeps these promises on the maps of a small backbone."""

from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import HEADS, build_head

CHANNELS = (8, 16, 24, 32, 40)
SIZES = {2: ((16, 12), (8, 6), (5, 4), (5, 4), (5, 4)), 3: ((8, 6, 8), (4, 4, 4), (3, 2, 4), (3, 2, 4), (3, 2, 4))}


def made(name, dims):
    torch.manual_seed(0)
    try:
        return build_head(name, dims, CHANNELS, 3)
    except UsageError as error:
        if dims == 2:
            raise
        pytest.skip(f"not in 3D: {error.what}")


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("name", list(HEADS))
def test_maps_become_logits(name, dims):
    maps = [torch.randn(1, c, *s) for c, s in zip(CHANNELS, SIZES[dims], strict=True)]
    head = made(name, dims)
    with torch.no_grad():
        out = head.eval()(maps)
    assert out.shape[:2] == (1, 3) and tuple(out.shape[2:]) in SIZES[dims] and torch.isfinite(out).all()
    outs = head.train()(maps)
    outs = outs if isinstance(outs, dict) else {"out": outs}
    assert set(outs) == {"out", *getattr(head, "auxiliaries", {})}
    sum(o.square().mean() for o in outs.values()).backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize("name", list(HEADS))
def test_the_docstring_names_a_paper(name):
    assert any(c.isdigit() for c in HEADS[name].__doc__ or "")
