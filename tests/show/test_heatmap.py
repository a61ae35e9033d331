from __future__ import annotations

from xml.etree import ElementTree

import pytest

from delineate.show.heatmap import draw_heatmap


def words(text: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_writes_the_means_and_a_dash_where_there_is_none(better: str) -> None:
    drawn = words(draw_heatmap({"a": {"liver": 0.81, "lesion": None}, "b": {"liver": 0.9}}, "Dice", better))
    assert sorted(w for w in drawn if w[0] in "0–") == ["0.81", "0.90", "–", "–"]
    assert {"a", "b", "liver", "lesion"} <= set(drawn)


def test_many_cells_are_drawn_without_numbers_in_a_small_file() -> None:
    text = draw_heatmap({f"net{m}": {f"c{c}": (m + c) / 150 for c in range(117)} for m in range(30)}, "Dice")
    assert {"net29", "c116"} <= set(words(text))
    assert "0.50" not in words(text) and len(text) < 400_000


def test_nothing_known_at_all() -> None:
    assert "–" in words(draw_heatmap({"a": {"liver": None}}, "Dice"))
