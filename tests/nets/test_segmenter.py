from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets.head import build_head
from delineate.nets.segmenter import Segmenter


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
