from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("ocnet_base", 2, 3, 20)
    assert count_parameters(net) == 57_723_880  # openseg-group/OCNet.pytorch, auxiliary head included


def test_volumes_are_refused():
    with pytest.raises(UsageError, match="sixth power"):
        build_net("ocnet_base", 3, 1, 2)


def test_the_auxiliary_head_drops_as_much_as_the_references():
    net = build_net("ocnet_base", 2, 1, 2, NETS["ocnet_base"].card.small)
    (drop,) = [m for m in net.side.modules() if isinstance(m, torch.nn.Dropout2d)]
    assert drop.p == 0.05
