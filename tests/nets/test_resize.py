from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets.resize import fit_to, resize, upsample


@pytest.mark.parametrize(("old", "new"), [((5, 7), (8, 3)), ((3, 4, 5), (6, 4, 2))])
def test_resize_is_torchs(old, new):
    x = torch.randn(2, 3, *old)
    mode = "bilinear" if len(old) == 2 else "trilinear"
    torch.testing.assert_close(resize(x, new), F.interpolate(x, size=new, mode=mode, align_corners=False))
    torch.testing.assert_close(resize(x, new, "nearest"), F.interpolate(x, size=new, mode="nearest"))
    assert resize(x, old) is x
    assert upsample(x).shape[2:] == tuple(2 * n for n in old)


def test_fit_to_adds_and_cuts_at_the_end():
    x = torch.arange(6.0).view(1, 1, 2, 3)
    out = fit_to(x, torch.zeros(1, 9, 3, 2))
    assert out[0, 0].tolist() == [[0, 1], [3, 4], [0, 0]]
    assert fit_to(x, x) is x
