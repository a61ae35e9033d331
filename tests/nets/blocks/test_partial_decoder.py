"""The partial decoder."""

from __future__ import annotations

import pytest
import torch

from delineate.nets.blocks.partial_decoder import PartialDecoder
from delineate.nets.norm import BatchNorm


def maps_of(dims):
    return [torch.randn(2, 4, *sizes[:dims]) for sizes in ((2, 1, 2), (3, 2, 3), (5, 3, 6))]


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("dims", [2, 3])
def test_logits_have_the_size_of_the_finest_map(dims, norm):
    decoder = PartialDecoder(dims, 4, 7, norm)
    maps = maps_of(dims)
    assert decoder(*maps).shape == (2, 7, *maps[-1].shape[2:])
    assert any(isinstance(m, BatchNorm) for m in decoder.modules()) == norm


def test_the_fine_map_is_gated_by_both_others():
    torch.manual_seed(0)
    decoder, (coarse, middle, fine) = PartialDecoder(2, 4, 2, norm=False), maps_of(2)
    with torch.no_grad():
        for silent in ((0 * coarse, middle), (coarse, 0 * middle)):
            torch.testing.assert_close(decoder(*silent, fine), decoder(*silent, fine + 1))
        assert not torch.allclose(decoder(coarse, middle, fine), decoder(coarse, middle, fine + 1))
