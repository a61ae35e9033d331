from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from delineate.predict.mirror import MirrorEngine


@pytest.mark.parametrize("axes", [(), (0,), (0, 1), (0, 1, 2), (2,)])
def test_the_answer_is_the_mean_over_all_flips(axes):
    torch.manual_seed(0)
    net, windows = nn.Conv3d(1, 2, 3, padding=1), torch.randn(2, 1, 4, 5, 6)
    with torch.inference_mode():
        views = []
        for chosen in product((False, True), repeat=len(axes)):
            flips = [a + 2 for a, yes in zip(axes, chosen, strict=True) if yes]
            views.append(net(windows.flip(flips)).flip(flips))
        got = MirrorEngine(net, axes)(windows)
    assert len(views) == 2 ** len(axes)
    assert torch.allclose(got, torch.stack(views).mean(0), atol=1e-6)
