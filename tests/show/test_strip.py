from __future__ import annotations

import numpy as np
import pytest

from delineate.show.strip import draw_strip, show_value


def test_every_value_is_in_a_dot_near_its_place() -> None:
    values = list(np.random.default_rng(0).uniform(10, 110, 5000))
    strip = draw_strip(values)
    assert strip is not None and strip.count == 5000 and len(strip.dots) <= 61
    assert sum(int(d.told.split()[0].replace(",", "")) for d in strip.dots) == 5000
    assert strip.median_place == pytest.approx((np.median(values) - min(values)) / (max(values) - min(values)))


def test_places_on_a_logarithm() -> None:
    strip = draw_strip([1, 10, 100, None, 0.0], "ml", log=True)
    assert strip is not None
    assert [d.place for d in strip.dots] == pytest.approx([0, 0.5, 1])
    assert strip.dots[1].told == "1 case: 10 ml" and strip.median_place == pytest.approx(0.5)
    assert (strip.smallest, strip.median, strip.largest) == ("1", "10", "100")


def test_larger_dots_hold_more() -> None:
    strip = draw_strip([1.0] * 9 + [2.0])
    assert strip is not None and strip.dots[0].width_px > strip.dots[1].width_px


def test_one_value_stands_in_the_middle_and_none_gives_none() -> None:
    strip = draw_strip([3.0, 3.0])
    assert strip is not None and [d.place for d in strip.dots] == [0.5] == [strip.median_place]
    assert draw_strip([None, float("nan")]) is None and draw_strip([0.0], log=True) is None


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.01234, "0.0123"), (1.5, "1.5"), (240.4, "240"), (12300.0, "12,300"), (3.0, "3"), (-1e9, "-1.00e+09")],
)
def test_numbers_are_short(value: float, told: str) -> None:
    assert show_value(value) == told
