from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.blocks.preactivation import PreActivation


def test_norms_and_relus_come_first():
    torch.manual_seed(0)
    unit, x = PreActivation(2, 3, 5, stride=2), torch.randn(2, 3, 7, 9)
    convs = [m for m in unit.body if isinstance(m, nn.Conv2d)]
    inner = F.conv2d(nn.BatchNorm2d(3)(x).relu(), convs[0].weight, convs[0].bias, 2, 1)
    inner = F.conv2d(nn.BatchNorm2d(5)(inner).relu(), convs[1].weight, convs[1].bias, 1, 1)
    shortcut = F.conv2d(x, unit.shortcut[0].weight, unit.shortcut[0].bias, 2)
    torch.testing.assert_close(unit(x), inner + nn.BatchNorm2d(5)(shortcut))
    assert unit(x).shape[2:] == (4, 5)


def test_the_first_unit_sees_the_image():
    unit = PreActivation(3, 3, 5, first=True)
    assert isinstance(unit.body[0], nn.Conv3d)
