from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head


def test_the_fine_map_is_reduced_and_decides_the_size():
    head = build_head("deeplabv3plus", 2, (4, 24, 6, 6, 8), 3, {"width": 16}).eval()
    assert head.low[0].weight.shape == (48, 24, 1, 1) and head.body[0].conv_dw.weight.shape[0] == 64
    assert head([None, torch.randn(1, 24, 9, 7), None, None, torch.randn(1, 8, 3, 2)]).shape == (1, 3, 9, 7)


@pytest.mark.parametrize("level", [-5, -1, 3, 4])
def test_a_map_it_does_not_have_before_the_last_is_refused(level):
    with pytest.raises(UsageError, match=f"on 4 maps, the fine one being {level}"):
        build_head("deeplabv3plus", 2, (4, 4, 4, 4), 3, {"level": level})


@pytest.mark.parametrize(("level", "channels"), [(-4, 5), (0, 5), (2, 7), (-2, 7)])
def test_levels_are_counted_from_both_ends(level, channels):
    head = build_head("deeplabv3plus", 2, (5, 6, 7, 8), 3, {"level": level, "width": 4})
    assert head.low[0].in_channels == channels
