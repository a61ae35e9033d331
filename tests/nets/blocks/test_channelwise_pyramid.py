"""The channel-wise feature pyramid."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.blocks.channelwise_pyramid import ChannelwisePyramid


@pytest.mark.parametrize("dims", [2, 3])
def test_each_chain_adds_those_before_it(dims):
    torch.manual_seed(0)
    pyramid = ChannelwisePyramid(dims, 16)
    pyramid.after, pyramid.mix = nn.Identity(), nn.Identity()
    x = torch.randn(2, 16, *(5,) * dims)
    reduced, links = pyramid.reduce(pyramid.before(x)), []
    for first, second, third in pyramid.chains:
        a = first(reduced)
        b = second(a)
        links.append(torch.cat((a, b, third(b)), 1))
    sums = [sum(links[: i + 1]) for i in range(4)]
    torch.testing.assert_close(pyramid(x), x + torch.cat(sums, 1))


def test_dilations_are_those_of_the_reference_and_channels_are_checked():
    pyramid = ChannelwisePyramid(2, 32, 8)
    assert [chain[0][0].dilation[0] for chain in pyramid.chains] == [1, 3, 5, 9]
    assert [link[0].groups for link in pyramid.chains[0]] == [2, 2, 2]
    with pytest.raises(UsageError, match="24 channels"):
        ChannelwisePyramid(2, 24)
