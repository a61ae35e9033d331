"""Reverse attention on context; what it shares with PraNet's head is tested there."""

from __future__ import annotations

from delineate.nets import count_parameters
from delineate.nets.head import build_head


def test_each_map_has_a_context_of_its_own():
    head = build_head("caranet", 2, (4, 8, 16), 3, {"width": 16})
    parts = list(head.context)
    assert len({id(part) for part in parts}) == 3
    assert count_parameters(head.context) == 3 * count_parameters(parts[0])
