from __future__ import annotations

import numpy as np

from delineate.patches.draw import keyed_rng
from delineate.patches.presence import Background, Presence


def test_who_holds_what(source):
    presence = Presence(source, source.names)
    assert presence.ids == (1, 2)
    cases = {presence.draw(2, (4, 4, 4), keyed_rng(0, 0, i)).case for i in range(40)}
    assert cases == {"a", "b"}


def test_a_class_nobody_holds_is_drawn_anywhere_and_kept_in_mind(source):
    draw = Presence(source, source.names).draw(7, (4, 4, 4), keyed_rng(0, 0, 0))
    assert draw.kind == "fallback" and draw.class_id == 7


def test_the_last_voxel_without_a_label_is_found(memory_source):
    label = np.ones((3, 3, 3), np.uint8)
    label[2, 2, 2] = 0
    background = Background(memory_source({"a": label}), ("a",))
    found = {d.start for d in (background.draw((1, 1, 1), keyed_rng(0, 0, i)) for i in range(60)) if not d.class_id
             and d.kind == "background"}  # fmt: skip
    assert found == {(2, 2, 2)}
