from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net, count_parameters

SMALL = NETS["danet"].card.small


@pytest.mark.parametrize(("backbone", "count"), [("resnet50", 47_464_190), ("resnet101", 66_456_318)])
def test_parameters_equal_the_references(backbone, count):
    with torch.device("meta"):
        net = build_net("danet", 2, 3, 20, {"backbone": backbone})
    assert count_parameters(net) == count  # junfu1115/DANet


def test_volumes_are_refused():
    with pytest.raises(UsageError, match="sixth power"):
        build_net("danet", 3, 1, 2)


def test_a_picture_too_large_is_refused():
    net = build_net("danet", 2, 1, 2, {**SMALL, "attention_gib": 1e-6}).eval()
    with pytest.raises(UsageError, match="144 to 144 voxels"):
        net(torch.zeros(1, 1, 96, 96))
