"""Every backbone keeps these promises, at each of its output strides."""

from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.backbone import BACKBONES, build_backbone

CASES = [(n, d, s) for n in BACKBONES for d in BACKBONES[n].card.dims for s in BACKBONES[n].card.strides]
SIZE = {2: (37, 53), 3: (20, 33, 18)}


@pytest.mark.parametrize(("name", "dims", "stride"), CASES)
def test_maps_have_the_channels_and_sizes_it_tells(name, dims, stride):
    torch.manual_seed(0)
    net = build_backbone(name, dims, 1, stride, BACKBONES[name].card.small).eval()
    assert len(net.channels) == len(net.strides) and net.strides[-1] == stride
    assert list(net.strides) == sorted(net.strides)
    with torch.no_grad():
        maps = net(torch.randn(1, 1, *SIZE[dims]))
    assert [m.shape[1] for m in maps] == list(net.channels)
    for one, step in zip(maps, net.strides, strict=True):
        assert all(abs(n - -(-whole // step)) <= 1 for n, whole in zip(one.shape[2:], SIZE[dims], strict=True))
        assert torch.isfinite(one).all()


@pytest.mark.parametrize(("name", "dims"), [(n, d) for n in BACKBONES for d in BACKBONES[n].card.dims])
def test_one_case_of_one_voxel_trains(name, dims):
    card = BACKBONES[name].card
    net = build_backbone(name, dims, 3, card.strides[-1], card.small).train()
    maps = net(torch.randn(1, 3, *(1,) * dims))
    assert all(m.shape[0] == 1 and torch.isfinite(m).all() for m in maps)


@pytest.mark.parametrize("name", list(BACKBONES))
def test_what_it_cannot_do_is_refused(name):
    card = BACKBONES[name].card
    assert card.title and any(c.isdigit() for c in card.paper) and card.weights and card.verified
    with pytest.raises(UsageError, match="output stride of 7"):
        build_backbone(name, card.dims[0], 1, 7)
