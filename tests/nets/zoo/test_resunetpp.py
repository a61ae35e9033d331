from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import build_net, count_parameters
from delineate.nets.zoo.resunetpp import Decoder, Pyramid, SqueezeExcitation


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("resunetpp", 2, 1, 20)
        color = build_net("resunetpp", 2, 3, 1)
    assert count_parameters(net) == 4_062_996  # layer list of DebeshJha/ResUNetPlusPlus
    assert count_parameters(color) == 4_062_993


@pytest.mark.parametrize("dims", [2, 3])
def test_channels_are_weighed_by_their_means(dims):
    torch.manual_seed(0)
    excite, x = SqueezeExcitation(16), torch.rand(2, 16, *(4, 5, 3)[:dims]) + 1
    means = torch.stack([one.mean() for image in x for one in image]).view(2, 16)
    first, _, second = excite.weigh
    weights = (means @ first.weight.T).relu() @ second.weight.T
    for image, weight, out in zip(x, weights.sigmoid(), excite(x), strict=True):
        for channel in range(16):
            torch.testing.assert_close(out[channel], image[channel] * weight[channel])


def test_the_pyramid_adds_its_branches():
    torch.manual_seed(0)
    pyramid, x = Pyramid(2, 3, 4).eval(), torch.randn(1, 3, 9, 7)
    assert [branch[0].dilation[0] for branch in pyramid.branches] == [1, 6, 12, 18]
    torch.testing.assert_close(pyramid(x), pyramid.last(sum(branch(x) for branch in pyramid.branches)))


def test_attention_multiplies_every_channel_of_the_coarse_map():
    torch.manual_seed(0)
    decoder, seen = Decoder(2, 3, 6, 4).eval(), []
    decoder.unit.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    x, skip = torch.randn(1, 6, 3, 2), torch.randn(1, 3, 6, 4)
    decoder(x, skip)
    factor = seen[0][:, :6, ::2, ::2] / x
    torch.testing.assert_close(factor, decoder.attend(decoder.of_skip(skip) + decoder.of_below(x)))
    assert factor.std(1).min() > 0, "an attention per channel"
    assert torch.equal(seen[0][:, 6:], skip)


def test_the_pyramid_needs_two_levels_above():
    with pytest.raises(UsageError, match="three or more"):
        build_net("resunetpp", 2, 1, 2, {"widths": (4, 8)})
