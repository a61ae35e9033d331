from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head


def test_the_fine_map_is_reduced_and_decides_the_size():
    head = build_head("deeplabv3plus", 2, (4, 24, 8), 3, {"width": 16}).eval()
    assert head.low[0].weight.shape == (48, 24, 1, 1) and head.body[0].conv_dw.weight.shape[0] == 64
    assert head([None, torch.randn(1, 24, 9, 7), torch.randn(1, 8, 3, 2)]).shape == (1, 3, 9, 7)


def test_one_map_is_not_enough():
    with pytest.raises(UsageError, match="on 1 maps"):
        build_head("deeplabv3plus", 2, (4,), 3)
