from __future__ import annotations

import pytest
import torch

from delineate.nets.blocks.recurrent_block import Recurrent, RecurrentBlock


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_one_convolution_sees_its_own_answer(steps):
    torch.manual_seed(0)
    recurrent = Recurrent(2, 3, steps).eval()
    x = torch.randn(1, 3, 6, 5)
    conv, norm = recurrent.conv[0], recurrent.conv[1]
    answer = torch.zeros_like(x)
    for _ in range(steps + 1):
        answer = norm(conv(x + answer)).relu()
    torch.testing.assert_close(recurrent(x), answer)
    assert len(list(recurrent.parameters())) == 4, "one weight, whatever the steps"


def test_the_norm_sees_every_step():
    recurrent = Recurrent(3, 2, 2).train()
    recurrent(torch.randn(1, 2, 4, 4, 4))
    assert recurrent.conv[1].num_batches_tracked == 3


def test_the_block_is_residual():
    torch.manual_seed(0)
    block, x = RecurrentBlock(2, 2, 4), torch.randn(1, 2, 6, 6)
    for recurrent in block.body:
        torch.nn.init.zeros_(recurrent.conv[1].weight)
    torch.testing.assert_close(block(x), block.widen(x))
    assert block.body[0] is not block.body[1]
