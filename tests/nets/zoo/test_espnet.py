"""ESPNet."""

from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters


@pytest.mark.parametrize(("options", "parameters"), [({}, 365109), ({"level3_blocks": 3}, 203189)])
def test_it_has_as_many_parameters_as_the_reference(options, parameters):
    with torch.device("meta"):
        net = build_net("espnet", 2, 3, 20, options)
    assert count_parameters(net) == parameters


def test_the_decoder_is_as_wide_as_the_classes_but_never_below_five():
    assert build_net("espnet", 2, 1, 7).up3.in_channels == 7
    assert build_net("espnet", 2, 1, 2).up3.in_channels == 5


def test_the_constants_of_colour_images_are_gone():
    net = build_net("espnet", 2, 4, 3, {"width": 5, "level2_blocks": 1, "level3_blocks": 1})
    assert net.score2.in_channels == 2 * 20 + 4 and net.meet1[0].in_channels == 5 + 5 + 4
    assert len(list(net.modules())) > 40  # the reference overwrites `modules`
