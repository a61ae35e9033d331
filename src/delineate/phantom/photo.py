"""A photograph-like picture: leaves on soil among stones, in colour, under uneven light."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from delineate.core.geometry import Triple
from delineate.phantom.phantom import PHANTOMS, Kind
from delineate.phantom.save import save_pair
from delineate.phantom.scan import Scan
from delineate.phantom.shapes import Canvas, Solid, field_on, grain, smooth_field, waves

CLASSES = {"leaf": 255}


def draw_photo(shape: Triple, rng: np.random.Generator, sequences: int) -> Scan:
    """One picture ``[3, 1, y, x]`` uint8 with a mask of 0 and 255; lengths are in hundredths of the shorter side."""
    unit = 100.0 / min(shape[1:])
    soil = np.array((112, 86, 62)) * rng.uniform(0.75, 1.15) + rng.normal(0, 6, 3)
    canvas = Canvas(shape, (1.0, unit, unit), tuple(soil), range(1))
    _ground(canvas, rng)
    far = 50.0 * np.array(shape[1:]) / min(shape[1:])
    for place in _places(rng, far):
        for solid in _leaf(rng, place):
            canvas.paint(solid)
    light = 1 + 0.13 * field_on(smooth_field(rng, (2, 3, 3)), shape, range(1))
    image = canvas.image_czyx * light[None] + grain(rng, canvas.image_czyx.shape, 4.0)
    return Scan(
        np.clip(np.rint(image), 0, 255).astype(np.uint8), canvas.label_zyx, (1.0, 1.0, 1.0), ("red", "green", "blue")
    )


def _ground(canvas: Canvas, rng: np.random.Generator) -> None:
    shape = canvas.label_zyx.shape
    for knots, strength in ((5, 9.0), (14, 8.0), (40, 7.0)):
        field = field_on(smooth_field(rng, (2, knots, knots)), shape, range(1))  # type: ignore[arg-type]
        canvas.image_czyx += np.array((1, 0.9, 0.75), np.float32)[:, None, None, None] * np.float32(strength) * field
    y, x = (float(axis[-1]) for axis in canvas.axes_mm[1:])
    for _ in range(rng.integers(10, 20)):
        grey, radius = rng.uniform(80, 165), rng.uniform(1.5, 6)
        place = (0.0, rng.uniform(-y, y), rng.uniform(-x, x))
        colour = (grey, grey * rng.uniform(0.92, 1), grey * rng.uniform(0.8, 1))
        radii = (1.0, radius, radius * rng.uniform(1, 1.7))
        turn = rng.uniform(0, np.pi)
        for shift, tone in ((0.8, 0.4), (0.0, 1.0)):
            where = (0.0, place[1] + shift, place[2] + shift)
            shade = tuple(tone * c for c in colour)
            canvas.paint(Solid(where, radii, shade, turn=turn, bumps_mm=0.1 * radius, waves=waves(rng, 2 * radius)))


def _places(rng: np.random.Generator, far: np.ndarray) -> list[tuple[float, float]]:
    places: list[tuple[float, float]] = []
    wanted = rng.integers(3, 7)
    for _ in range(60):
        y, x = rng.uniform(-0.85, 0.85, 2) * far
        if len(places) < wanted and all(np.hypot(y - b, x - a) > 22 for b, a in places):
            places.append((float(y), float(x)))
    return places


def _leaf(rng: np.random.Generator, place: tuple[float, float]) -> Iterator[Solid]:
    y, x = place
    long, turn = rng.uniform(13, 22), rng.uniform(0, np.pi)
    wide = long * rng.uniform(0.45, 0.65)
    green = np.array((rng.uniform(60, 150), rng.uniform(130, 190), rng.uniform(35, 75)))
    wave, bumpy = waves(rng, 22), 0.05 * long
    for shift, colour, label in ((1.3, 0.22 * green, None), (0.0, green, 255)):
        where = (0.0, y + shift, x + shift)
        yield Solid(where, (50, wide, long), tuple(colour), label, turn, 1.7, bumpy, wave)
    pale = tuple(np.minimum(green * 1.25 + 15, 255))
    yield Solid((0.0, y, x), (50, 0.045 * long, 0.9 * long), pale, turn=turn, only_on=255)
    for step in np.linspace(-0.55, 0.55, 5):
        for side in (-1, 1):
            along, off = step * long, side * 0.36 * wide * (1 - abs(step))
            cos, sin = np.cos(turn), np.sin(turn)
            where = (0.0, y + cos * off - sin * along, x + sin * off + cos * along)
            yield Solid(
                where, (50, 0.02 * long, 0.4 * wide * (1 - abs(step))), pale, turn=turn + side * 0.9, only_on=255
            )


PHANTOMS.register("photo")(Kind(draw_photo, save_pair, CLASSES, dims=2))
