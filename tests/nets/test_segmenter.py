from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets import build_net
from delineate.nets.head import build_head
from delineate.nets.segmenter import Segmenter, dilated

SMALL = {"backbone_options": {"width": 4}, "width": 8}


class Halves(nn.Module):
    """A backbone of two strided convolutions."""

    channels, strides = (4, 6), (2, 4)

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, 2, 1), nn.Conv2d(4, 6, 3, 2, 1)

    def forward(self, x):
        fine = self.first(x)
        return [fine, self.second(fine)]


@pytest.mark.parametrize("side", [False, True])
def test_outputs_have_the_inputs_size(side):
    extra = build_head("fcn", 2, Halves.channels, 3, {"level": -2, "width": 5}) if side else None
    net = Segmenter(2, 2, Halves(), build_head("fcn", 2, Halves.channels, 3, {"width": 5}), extra)
    assert net.auxiliaries == ({"side": Auxiliary(weight=0.4)} if side else {})
    x = torch.randn(2, 2, 13, 9)
    outs = net.train()(x)
    outs = outs if isinstance(outs, dict) else {"out": outs}
    assert {k: tuple(o.shape) for k, o in outs.items()} == dict.fromkeys(["out", "side"][: 1 + side], (2, 3, 13, 9))
    assert net.eval()(x).shape == (2, 3, 13, 9)


def test_what_is_given_stands_over_the_papers():
    assert dilated("resnet50", {"width": 8}, dilation="all") == {"dilation": "all", "width": 8}
    assert dilated("resnet50", {"dilation": "first_previous"}, dilation="all") == {"dilation": "first_previous"}
    assert dilated("res2net50", None, dilation="all", ceil_pool=True) == {}


def rates(net):
    """Of the first 3x3 convolution in each block of the last stage."""
    return [block.conv2.dilation[0] for block in net.backbone.layer4]


def test_the_networks_dilate_as_their_authors_did():
    of = {
        name: build_net(name, 2, 1, 2, {**SMALL, "backbone": "resnet50"})
        for name in ("danet", "emanet", "ann", "psanet")
    }
    assert rates(of["danet"]) == [4, 8, 16]
    assert rates(of["emanet"]) == [2, 8, 16]
    assert rates(of["ann"]) == [2, 4, 4]
    assert rates(of["psanet"]) == [4, 4, 4]
