from __future__ import annotations

from delineate.nets.blocks.double_conv import double_conv


def test_two_units_may_have_another_width_between():
    assert [unit[0].out_channels for unit in double_conv(2, 3, 5, 4)] == [4, 5]
    assert [unit[0].out_channels for unit in double_conv(2, 3, 5)] == [5, 5]
    assert all(unit[0].bias is not None for unit in double_conv(3, 3, 5, bias=True))
