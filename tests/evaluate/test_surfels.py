"""Areas of surface patches: by hand, and against surface-distance's own tables."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.surfels import surface_areas_mm, surface_codes

SPACINGS = [(1.0, 1.0, 1.0), (3.0, 0.7, 1.3), (0.5, 2.0, 0.9)]


@pytest.mark.parametrize("spacing", SPACINGS)
def test_areas_are_those_of_surface_distance(spacing: tuple[float, float, float]) -> None:
    tables = pytest.importorskip("surface_distance.lookup_tables")
    theirs = np.ravel(tables.create_table_neighbour_code_to_surface_area(spacing))
    assert surface_areas_mm(spacing) == pytest.approx(theirs, rel=1e-12)
    theirs = np.ravel(tables.create_table_neighbour_code_to_contour_length(spacing[:2]))
    assert surface_areas_mm(spacing[:2]) == pytest.approx(theirs, rel=1e-12)


def test_areas_by_hand() -> None:
    areas = surface_areas_mm((2.0, 3.0, 5.0))
    assert areas[0] == areas[255] == 0
    assert areas[0b11110000] == pytest.approx(3 * 5)  # the lower z inside: a plane across z
    assert areas[0b11001100] == pytest.approx(2 * 5)
    assert areas[0b10101010] == pytest.approx(2 * 3)
    corner = np.linalg.norm([3 * 5, 2 * 5, 2 * 3]) / 8
    assert areas[0b10000000] == areas[0b00000001] == pytest.approx(corner)
    assert areas[0b10000001] == pytest.approx(2 * corner)
    lengths = surface_areas_mm((2.0, 3.0))
    assert (lengths[0b1100], lengths[0b1010]) == (3, 2)
    assert lengths[0b1000] == lengths[0b0111] == pytest.approx(np.hypot(2, 3) / 2)
    assert lengths[0b1001] == lengths[0b0110] == pytest.approx(np.hypot(2, 3))


def test_inside_and_outside_have_one_surface() -> None:
    areas = surface_areas_mm(SPACINGS[1])
    several = np.array([code.bit_count() == 4 for code in range(256)])  # there the inside is cut off, corner by corner
    assert areas[~several] == pytest.approx(areas[::-1][~several])


def test_codes_cover_the_border() -> None:
    codes = surface_codes(np.ones((1, 1, 1), bool))
    assert codes.reshape(-1).tolist() == [1, 2, 4, 8, 16, 32, 64, 128]
    assert surface_codes(np.ones((1, 2), bool)).tolist() == [[1, 3, 2], [4, 12, 8]]
    rng = np.random.default_rng(0)
    mask = rng.random((4, 5, 6)) < 0.5
    padded = np.pad(mask, 1)
    bits = np.array([128, 64, 32, 16, 8, 4, 2, 1]).reshape(2, 2, 2)
    blocks = np.lib.stride_tricks.sliding_window_view(padded, (2, 2, 2))
    assert (surface_codes(mask) == (blocks * bits).sum((-1, -2, -3))).all()
