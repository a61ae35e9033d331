from __future__ import annotations

import torch

from delineate.nets import NETS, build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("ann", 2, 3, 20)
    assert count_parameters(net) == 67_695_336  # MendelXu/ANN, auxiliary head included


def test_it_answers_to_its_other_names():
    assert NETS["annnet"] is NETS["annn"] is NETS["ann"]
