from __future__ import annotations

import torch

from delineate.nets import build_net, count_parameters


def test_parameters_equal_the_reference():
    with torch.device("meta"):
        assert count_parameters(build_net("fcn8s", 2, 3, 20)) == 134_473_084  # ZijunDeng
