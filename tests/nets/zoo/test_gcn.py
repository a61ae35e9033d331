"""GCN."""

from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters
from delineate.nets.net import NETS


@pytest.mark.parametrize(
    ("inputs", "options", "parameters", "missing"),
    [
        (3, {"kernel": 7}, 59306888, 0),
        # the other reference has norms in its refinements and convolutions that it never calls, and a last 1x1
        (1, {"kernel": 11, "backbone": "resnet50"}, 25293180, 1140),
    ],
)
def test_it_has_as_many_parameters_as_the_reference(inputs, options, parameters, missing):
    with torch.device("meta"):
        net = build_net("gcn", 2, inputs, 20, options)
    assert count_parameters(net) == parameters - missing


def test_a_wider_decoder_is_scored_at_the_end():
    net = build_net("gcn", 2, 1, 2, {**NETS["gcn"].card.small, "width": 12}).eval()
    assert net(torch.randn(1, 1, 33, 20)).shape == (1, 2, 33, 20)
    assert net.body.head.classify.in_channels == 12
