"""Every head keeps these promises on the maps of a small backbone."""

from __future__ import annotations

from functools import cache

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS
from delineate.nets.backbone import BACKBONES, build_backbone
from delineate.nets.head import HEADS, build_head

CHANNELS = (8, 16, 24, 32, 40)
SIZES = {2: ((16, 12), (8, 6), (5, 4), (5, 4), (5, 4)), 3: ((8, 6, 8), (4, 4, 4), (3, 2, 4), (3, 2, 4), (3, 2, 4))}


FLAT = {"psanet"}
"""They refuse volumes."""


def made(name, dims):
    torch.manual_seed(0)
    return build_head(name, dims, CHANNELS, 3)


@pytest.mark.parametrize("name", sorted(FLAT))
def test_what_is_flat_says_why(name):
    assert NETS[name].card.flat_only
    with pytest.raises(UsageError, match=r"2D: .* voxel"):
        made(name, 3)


@pytest.mark.parametrize(("name", "dims"), [(n, d) for n in HEADS for d in (2, 3) if d == 2 or n not in FLAT])
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


FAMILIES = sorted({BACKBONES[n].builder.__module__: n for n in BACKBONES}.values())
"""A backbone of each file."""


@cache
def maps_of(backbone):
    """Maps of a small backbone and their channels, without content; of stride 8 where it has it."""
    card = BACKBONES[backbone].card
    with torch.device("meta"):
        net = build_backbone(backbone, 2, 1, card.strides[0], card.small)
        return net.channels, net(torch.empty(1, 1, 37, 53))


@pytest.mark.parametrize("name", list(HEADS))
@pytest.mark.parametrize("backbone", FAMILIES)
def test_any_head_fits_any_backbone(backbone, name):
    channels, maps = maps_of(backbone)
    with torch.device("meta"):
        outs = build_head(name, 2, channels, 3).train()(maps)
    out = outs["out"] if isinstance(outs, dict) else outs
    assert out.shape[:2] == (1, 3) and out.shape[2:] in {m.shape[2:] for m in maps}


@pytest.mark.parametrize("name", list(HEADS))
def test_the_docstring_names_a_paper(name):
    assert any(c.isdigit() for c in HEADS[name].__doc__ or "")
