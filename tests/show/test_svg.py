from __future__ import annotations

from xml.etree import ElementTree

import pytest

from delineate.show.figures import new_figure
from delineate.show.svg import figure_svg, model_colours, name_rows, short


def drawn() -> str:
    figure = new_figure(3, 2)
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    name_rows(axes, ["a $x$ <b> & c"])
    return figure_svg(figure, 'what "it" <shows>')


def test_is_whole_asks_for_nothing_and_is_the_same_every_time() -> None:
    text = drawn()
    root = ElementTree.fromstring(text)
    assert root.get("aria-label") == 'what "it" <shows>'
    assert root.get("role") == "img"
    assert "a $x$ <b> & c" in [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    asked = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href") and not v.startswith("#")]
    assert not asked and "@import" not in text and "<metadata" not in text
    assert text == drawn()


@pytest.mark.parametrize("count", [1, 30, 200])
def test_every_model_has_a_colour_of_its_own(count: int) -> None:
    names = [f"net{i}" for i in range(count)]
    assert len(set(model_colours(names).values())) == count


def test_long_names_are_cut_in_the_middle() -> None:
    assert short("unet") == "unet"
    assert short("a" * 20 + "b" * 20, 11) == "aaaaa…bbbbb"
