from __future__ import annotations

import torch

from delineate.nets.head import build_head


def test_it_reads_the_last_map_only():
    head = build_head("aspp", 3, (4, 8), 3, {"width": 4, "rates": (1, 2)}).eval()
    assert head([None, torch.randn(1, 8, 2, 3, 4)]).shape == (1, 3, 2, 3, 4)
