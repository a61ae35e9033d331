"""ESPNet-C."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from delineate.nets import build_net, count_parameters
from delineate.nets.net import NETS


def test_it_has_as_many_parameters_as_the_reference():
    with torch.device("meta"):
        net = build_net("espnet_c", 2, 3, 20)
    assert count_parameters(net) == 349449


def test_logits_of_an_eighth_are_enlarged_and_cropped():
    torch.manual_seed(0)
    net = build_net("espnet_c", 2, 1, 2, NETS["espnet_c"].card.small).eval()
    x = torch.randn(1, 1, 20, 24)
    with torch.no_grad():
        small = net.classify(net.encoder(F.pad(x, (0, 0, 0, 4)))[-1])
        assert small.shape[2:] == (3, 3)
        wanted = F.interpolate(small, size=(24, 24), mode="bilinear")[..., :20, :]
        torch.testing.assert_close(net(x), wanted)
