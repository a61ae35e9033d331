from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.pool_unet import PoolUNet, Upsample, check_widths


class Pass(nn.Module):
    """A block that remembers what it was given."""

    def forward(self, *given):
        self.given = given
        return given[0]


@pytest.mark.parametrize("size", [(5, 8), (9, 3, 4)])
def test_levels_are_pooled_enlarged_and_joined(size):
    encoder, decoder, gates = ([Pass() for _ in range(n)] for n in (3, 2, 2))
    net = PoolUNet(len(size), 2, encoder, [Upsample("nearest"), Upsample("nearest")], decoder, Pass(), gates)
    x = torch.rand(1, 2, *size)
    out = net(x)
    whole = [-(-n // 4) * 4 for n in size]
    assert [list(block.given[0].shape[2:]) for block in encoder] == [[n // 2**i for n in whole] for i in range(3)]
    assert [block.given[0].shape[1] for block in decoder] == [2 + 4, 2 + 2]
    skip, below = gates[1].given
    assert torch.equal(decoder[1].given[0], torch.cat((skip, below), dim=1)) and torch.equal(skip, encoder[1].given[0])
    assert torch.equal(out[:, :2], x), "cropped to what was given, the encoder's channels first"


def test_widths_are_checked():
    assert check_widths([4, 8]) == (4, 8)
    for wrong in ([4], [4, 0]):
        with pytest.raises(UsageError, match="widths"):
            check_widths(wrong)
