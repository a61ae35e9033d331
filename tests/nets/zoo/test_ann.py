from __future__ import annotations

import torch

from delineate.nets import NETS, build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("ann", 2, 3, 20)
    assert count_parameters(net) == 67_695_336  # MendelXu/ANN, auxiliary head included


def test_it_answers_to_its_other_names():
    assert NETS["annnet"] is NETS["annn"] is NETS["ann"]


def test_the_auxiliary_head_drops_as_much_as_the_references():
    net = build_net("ann", 2, 1, 2, NETS["ann"].card.small)
    (drop,) = [m for m in net.side.modules() if isinstance(m, torch.nn.Dropout2d)]
    assert drop.p == 0.05
