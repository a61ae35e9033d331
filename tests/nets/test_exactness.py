from __future__ import annotations

import torch

from delineate.nets.exactness import exactly


def test_autocast_is_off_inside():
    x = torch.randn(4, 4)
    with torch.autocast("cpu", torch.bfloat16):
        assert (x @ x).dtype == torch.bfloat16
        with exactly(x):
            assert (x @ x).dtype == torch.float32
    with exactly(x.to("meta")):
        assert (x.to("meta") @ x.to("meta")).shape == (4, 4)
