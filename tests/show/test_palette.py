from __future__ import annotations

import re

from delineate.show.palette import class_colours, rgb


def test_colours_are_distinct_stable_and_valid() -> None:
    colours = class_colours(117)
    assert len(set(colours)) == 117
    assert all(re.fullmatch(r"#[0-9a-f]{6}", c) for c in colours)
    assert class_colours(3) == colours[:3]


def test_rgb() -> None:
    assert rgb("#ff0080") == (1.0, 0.0, 128 / 255)
