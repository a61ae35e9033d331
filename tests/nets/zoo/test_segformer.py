from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters

COUNTS = (3_719_284, 13_682_388, 27_362_004, 47_237_844, 64_008_404, 84_608_724)


@pytest.mark.parametrize(("size", "count"), list(enumerate(COUNTS)))
def test_parameters_equal_the_references(size, count):
    with torch.device("meta"):
        net = build_net(f"segformer_b{size}", 2, 3, 20)
    assert count_parameters(net) == count  # NVlabs/SegFormer


def test_the_head_fits_another_backbone():
    options = {"backbone": "resnet18", "backbone_options": {"width": 4}, "width": 8}
    net = build_net("segformer_b0", 2, 1, 2, options).eval()
    assert net(torch.zeros(1, 1, 20, 30)).shape == (1, 2, 20, 30)
