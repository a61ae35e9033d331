from __future__ import annotations

from delineate.patches.guide import Guide


def test_a_guide_may_know_nothing():
    guide = Guide()
    assert guide.class_ids == {} and guide.weights is None and guide.mistakes is None
