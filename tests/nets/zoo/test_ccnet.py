from __future__ import annotations

import torch

from delineate.nets import NETS, build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("ccnet", 2, 3, 20)
    assert count_parameters(net) == 71_288_937  # speedinghzl/CCNet, auxiliary head included


def test_weights_do_not_depend_on_the_rounds():
    one, three = (build_net("ccnet", 3, 1, 2, {**NETS["ccnet"].card.small, "recurrence": n}) for n in (1, 3))
    three.load_state_dict(one.state_dict())


def test_the_auxiliary_head_drops_as_much_as_the_references():
    net = build_net("ccnet", 2, 1, 2, NETS["ccnet"].card.small)
    (drop,) = [m for m in net.side.modules() if isinstance(m, torch.nn.Dropout2d)]
    assert drop.p == 0.1
