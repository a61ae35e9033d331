from __future__ import annotations

import torch

from delineate.nets import build_net, count_parameters


def test_parameters_equal_the_reference():
    with torch.device("meta"):
        assert count_parameters(build_net("fcn32s", 2, 1, 20)) == 135_979_732  # a port of the authors' network


def test_the_default_in_3d_fits_into_memory():
    with torch.device("meta"):
        net = build_net("fcn32s", 3, 1, 120)
    assert net.encoder.features[0].padding == (1, 1, 1) and net.final.groups == 120
    assert count_parameters(net.classifier) == 343 * 512 * 512 + 512 + 512 * 512 + 512
