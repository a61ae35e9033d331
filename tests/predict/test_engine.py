from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.predict.engine import TorchEngine


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-6), ("bf16", 0.05)])
def test_it_answers_as_the_network_in_evaluation(precision, tolerance):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Dropout(0.9))
    windows = torch.randn(2, 1, 4, 4)
    got = TorchEngine(net, "cpu", precision)(windows)
    assert got.dtype == torch.float32
    assert not got.requires_grad
    with torch.no_grad():
        assert torch.allclose(got, net.eval()(windows), atol=tolerance)
