"""Solids and the canvas."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.phantom.shapes import Canvas, Solid, distance_mm, field_on, grain, smooth_field, waves


def canvas(slices: range = range(40)) -> Canvas:
    return Canvas((40, 50, 60), (2.0, 1.0, 1.0), (-100.0,), slices)


def test_distance_is_exact_for_a_sphere_and_its_sign_tells_the_inside() -> None:
    z, y, x = np.meshgrid(*(np.linspace(-30, 30, 13, dtype=np.float32),) * 3, indexing="ij")
    sphere = Solid((1.0, 2.0, 3.0), (10.0, 10.0, 10.0), (0.0,))
    true = np.sqrt((z - 1) ** 2 + (y - 2) ** 2 + (x - 3) ** 2) - 10
    np.testing.assert_allclose(distance_mm(sphere, (z, y, x)), true, atol=1e-3)
    box = Solid((0.0, 0.0, 0.0), (5.0, 10.0, 20.0), (0.0,), power=8, turn=np.pi / 2)
    assert distance_mm(box, (np.float32([4]), np.float32([18]), np.float32([8])))[0] < 0
    assert distance_mm(box, (np.float32([4]), np.float32([8]), np.float32([18])))[0] > 0


def test_a_painted_ball_has_the_volume_of_a_ball_and_soft_edges() -> None:
    made = canvas()
    made.paint(Solid((0.0, 0.0, 0.0), (15.0, 15.0, 15.0), (300.0,), label=3))
    volume = (made.label_zyx == 3).sum() * 2.0
    assert volume == pytest.approx(4 / 3 * np.pi * 15**3, rel=0.02)
    shares = (made.image_czyx[0] + 100) / 400
    assert shares.sum() * 2.0 == pytest.approx(volume, rel=0.02)
    assert ((shares > 0.01) & (shares < 0.99)).any()
    np.testing.assert_array_equal(made.label_zyx == 3, shares > 0.5)


def test_slabs_make_the_same_scan() -> None:
    rng = np.random.default_rng(0)
    solid = Solid((3.0, 4.0, 5.0), (20.0, 9.0, 14.0), (50.0,), 1, 0.7, 3.0, 1.5, waves(rng, 20))
    whole, parts = canvas(), [canvas(range(13)), canvas(range(13, 40))]
    for made in (whole, *parts):
        made.paint(solid)
    np.testing.assert_array_equal(np.concatenate([p.label_zyx for p in parts]), whole.label_zyx)
    np.testing.assert_array_equal(np.concatenate([p.image_czyx for p in parts], 1), whole.image_czyx)


def test_the_box_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    solid = Solid((2.0, -3.0, 4.0), (12.0, 6.0, 15.0), (50.0,), 1, 0.5, 2.0, 2.0, waves(rng, 15))
    boxed, full = canvas(), canvas()
    boxed.paint(solid)
    monkeypatch.setattr(Canvas, "_box", lambda self, solid: (slice(0, 40), slice(0, 50), slice(0, 60)))
    full.paint(solid)
    np.testing.assert_array_equal(boxed.label_zyx, full.label_zyx)
    np.testing.assert_allclose(boxed.image_czyx, full.image_czyx, atol=1e-3)


def test_only_on_stays_on_and_outside_is_nothing() -> None:
    made = canvas()
    made.paint(Solid((0.0, 0.0, 0.0), (15.0, 15.0, 15.0), (300.0,), 1))
    made.paint(Solid((0.0, 0.0, 12.0), (9.0, 9.0, 9.0), (50.0,), 2, only_on=1))
    ball = np.linalg.norm(np.stack(np.broadcast_arrays(*made.coordinates())), axis=0) < 15.5
    assert (made.label_zyx == 2).any()
    assert not (made.label_zyx == 2)[~ball].any()
    before = made.image_czyx.copy()
    made.paint(Solid((500.0, 0.0, 0.0), (9.0, 9.0, 9.0), (50.0,), 2))
    np.testing.assert_array_equal(made.image_czyx, before)


def test_fields_are_smooth_and_meet_at_slabs() -> None:
    knots = smooth_field(np.random.default_rng(0))
    field = field_on(knots, (20, 30, 40), range(20))
    assert field.shape == (20, 30, 40)
    assert np.abs(np.diff(field, axis=2)).max() < 0.5 * np.ptp(field)
    np.testing.assert_array_equal(field_on(knots, (20, 30, 40), range(7, 12)), field[7:12])
    np.testing.assert_allclose(field[0, 0, 0], knots[0, 0, 0], rtol=1e-6)
    assert field_on(knots, (1, 30, 40), range(1)).shape == (1, 30, 40)


def test_grain_has_its_sigma_and_is_correlated_in_the_slice() -> None:
    noise = grain(np.random.default_rng(0), (4, 64, 64), 12.0)
    assert noise.std() == pytest.approx(12, rel=1e-3)
    neighbours = np.corrcoef(noise[..., 1:].ravel(), noise[..., :-1].ravel())[0, 1]
    between = np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1]
    assert neighbours > 0.2 > abs(between)
