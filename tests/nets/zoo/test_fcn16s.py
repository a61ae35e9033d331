from __future__ import annotations

import torch

from delineate.nets import build_net, count_parameters


def test_parameters_follow_the_layer_list():
    vgg, classifier = 14_714_688, 512 * 4096 * 49 + 4096 + 4096 * 4096 + 4096
    scores = 4096 * 20 + 20 + 512 * 20 + 20
    ups = 20 * 20 * (4**2 + 32**2)
    with torch.device("meta"):
        assert count_parameters(build_net("fcn16s", 2, 3, 20)) == vgg + classifier + scores + ups
