from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.errors import BudgetError
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


class Cramped(nn.Module):
    """On a device that holds so many windows at once."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    def forward(self, x):
        if len(x) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return 2 * x


def test_windows_that_do_not_fit_together_are_answered_in_halves():
    windows = torch.randn(7, 1, 4, 4)
    torch.testing.assert_close(TorchEngine(Cramped(2))(windows), 2 * windows)
    with pytest.raises(BudgetError, match="single window"):
        TorchEngine(Cramped(0))(windows)
