from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net, count_parameters

SMALL = NETS["psanet"].card.small


@pytest.mark.parametrize(("backbone", "count"), [("resnet50s", 53_173_736), ("resnet101s", 72_165_864)])
def test_parameters_equal_the_references(backbone, count):
    with torch.device("meta"):
        net = build_net("psanet", 2, 3, 20, {"backbone": backbone})
    assert count_parameters(net) == count  # hszhao/semseg, mask 59x59


def test_a_map_larger_than_the_mask_reaches_is_fine():
    net = build_net("psanet", 2, 1, 2, {**SMALL, "mask": 3}).eval()
    with torch.no_grad():
        assert net(torch.randn(1, 1, 130, 70)).shape == (1, 2, 130, 70)


def test_a_picture_too_large_is_refused():
    net = build_net("psanet", 2, 1, 2, {**SMALL, "attention_gib": 1e-6}).eval()
    with pytest.raises(UsageError, match="36 to 36 voxels"):
        net(torch.zeros(1, 1, 96, 96))
