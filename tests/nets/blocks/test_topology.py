from __future__ import annotations

import pytest

from delineate.core.errors import UsageError
from delineate.nets import build_net
from delineate.nets.blocks.topology import Topology


def test_options_as_json_gives_them(full):
    net = build_net("resenc_unet", 3, 1, 2, full)
    assert net.topology == Topology.of(3, (4, 6, 8), ((1, 1, 1), (1, 2, 2), (2, 2, 2)), *made_of_tuples(), 1)
    assert net.topology.scales == ((1, 1, 1), (1, 2, 2), (2, 4, 4))


def made_of_tuples():
    return ((1, 3, 3), (3, 3, 3), (3, 3, 3)), (1, 2, 1), (1, 1)


def test_one_number_stands_for_all():
    topology = Topology.of(2, (4, 8), None, 3, 2, 1, 1)
    assert topology.strides == ((1, 1), (2, 2))
    assert topology.kernels == ((3, 3), (3, 3))
    assert topology.blocks == (2, 2) and topology.decoder_blocks == (1,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"strides": [[1, 1, 1], [2, 2, 2]]}, "strides has 2 entries for 3 widths"),
        ({"kernels": [[3, 3]] * 3}, r"\(3, 3\) does not have 3 numbers"),
        ({"kernels": 2}, "even kernel"),
        ({"decoder_blocks": [1, 1, 1]}, "decoder_blocks has 3 entries"),
        ({"blocks": 0}, "below 1"),
        ({"strides": 2}, "not iterable"),
        ({"widths": (4, "8", 8)}, "not supported"),
        ({"strides": [2, 2, 2]}, "first stride"),
        ({"deep_supervision": 3}, "3 heads for 2 decoder stages"),
        ({"widths": (4,), "strides": [1], "kernels": 3, "blocks": 1, "decoder_blocks": []}, "fewer than two"),
    ],
)
def test_options_that_do_not_fit_are_refused(full, change, told):
    with pytest.raises(UsageError, match=told):
        build_net("plain_unet", 3, 1, 2, {**full, **change})
