"""An abdominal CT: body, lungs, liver with lesions, kidneys and spine, in Hounsfield units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from delineate.core.geometry import Triple, Triple_mm
from delineate.phantom.phantom import PHANTOMS, Kind
from delineate.phantom.save import declare_msd, save_msd
from delineate.phantom.scan import Scan, Scene, paint
from delineate.phantom.shapes import Solid, field_on, grain, smooth_field, waves

CLASSES = {"liver": 1, "lesion": 2, "kidney": 3, "vertebrae": 4}

_FIELD_MM = (330.0, 285.0, 390.0)
_AIR, _FAT, _MUSCLE, _BONE = -1000.0, -100.0, 55.0, 420.0


def draw_abdomen(shape: Triple, rng: np.random.Generator, sequences: int) -> Scan:
    """One patient; ``sequences`` does not matter to CT. The field of view covers lower lungs to pelvis whatever the
    shape, so that a small shape is a coarse scan."""
    scene = decide_abdomen(shape, rng)
    image = np.empty((1, *shape), np.int16)
    label = np.empty(shape, np.uint8)
    texture, level = smooth_field(rng, (9, 12, 12)), rng.uniform(9, 15)
    for slices, canvas in paint(scene):
        hu = canvas.image_czyx[0]
        hu += np.float32(7) * field_on(texture, shape, slices) * (hu > -500)
        hu += grain(rng, hu.shape, level)
        image[0, slices.start : slices.stop] = np.clip(np.rint(hu), -1024, 3071)
        label[slices.start : slices.stop] = canvas.label_zyx
    return Scan(image, label, scene.spacing_mm, ("CT",))


def decide_abdomen(shape: Triple, rng: np.random.Generator) -> Scene:
    """Where everything is and how bright; nothing is painted yet. What is no class is painted with label 0, so that
    no mask reaches under it."""
    size = rng.uniform(0.93, 1.05)
    in_plane = size * max(_FIELD_MM[1] / shape[1], _FIELD_MM[2] / shape[2])
    spacing = (size * _FIELD_MM[0] / shape[0], in_plane, in_plane)
    solids = (*_trunk(rng), *_bones(rng), *_organs(rng), *_liver(rng, spacing))
    return Scene(shape, tuple(round(s, 4) for s in spacing), (_AIR,), solids)  # type: ignore[arg-type]


def _trunk(rng: np.random.Generator) -> Iterator[Solid]:
    width, depth = rng.uniform(160, 172), rng.uniform(108, 120)
    wave, fat = waves(rng, 260), rng.uniform(10, 22)
    yield Solid((0, depth + 14, 0), (2000.0, 3, 150), (-300.0,), power=4)  # the table
    for inset, hu in ((0.0, _FAT), (fat, _MUSCLE), (fat + 14, _FAT + 60)):
        radii = (2000.0, depth - inset, width - inset)
        yield Solid((0, 0, 0), radii, (hu,), power=2.3, bumps_mm=2.5, waves=wave)
    for side in (-1, 1):
        radii = (rng.uniform(95, 115), rng.uniform(68, 76), rng.uniform(50, 58))
        place = (rng.uniform(110, 125), rng.uniform(-12, -4), side * rng.uniform(72, 80))
        yield Solid(place, radii, (rng.uniform(-850, -790),), 0, bumps_mm=2, waves=waves(rng, 90))
    place = (125 + rng.uniform(-8, 8), -38 + rng.uniform(-8, 8), 14 + rng.uniform(-8, 8))
    yield Solid(place, (55, 40, 48), (rng.uniform(60, 130),), 0, bumps_mm=2, waves=waves(rng, 80))


def _bones(rng: np.random.Generator) -> Iterator[Solid]:
    hu, bend, phase = rng.uniform(300, _BONE), rng.uniform(6, 14), rng.uniform(0, 33)
    for level in range(-6, 7):
        z = level * 33 + phase - 16
        y = 62 + bend * np.sin(z / 90)
        yield Solid((z, y, 0), (13.5, 17, 22), (hu,), CLASSES["vertebrae"], power=3.2)
        yield Solid((z, y + 25, 0), (9, 13, 6), (hu - 60,), CLASSES["vertebrae"], power=2.5)
        if z > 0:
            yield from _ribs(rng, z, hu)


def _ribs(rng: np.random.Generator, z: float, hu: float) -> Iterator[Solid]:
    for side in (-1, 1):
        for angle in np.linspace(-0.9, 1.15, 12):
            y, x = 84 * np.sin(angle), side * 128 * np.cos(angle)
            yield Solid((z + 24 * np.sin(angle), y, x), (5, 7, 9), (hu - 40,), 0, turn=-side * (np.pi / 2 - angle))


def _organs(rng: np.random.Generator) -> Iterator[Solid]:
    spleen = (50 + rng.uniform(-12, 12), 34 + rng.uniform(-6, 6), 96 + rng.uniform(-5, 5))
    yield Solid(spleen, (38, 34, 22), (rng.uniform(105, 125),), 0, turn=0.5, bumps_mm=2, waves=waves(rng, 60))
    stomach = (40 + rng.uniform(-12, 12), -38 + rng.uniform(-6, 6), 58 + rng.uniform(-8, 8))
    yield Solid(stomach, (34, 30, 40), (rng.uniform(10, 30),), 0, turn=-0.4, bumps_mm=3, waves=waves(rng, 60))
    yield Solid((stomach[0], stomach[1] - 16, stomach[2]), (18, 9, 22), (-900.0,), 0)
    yield Solid((0, 32, 10), (400, 11, 11), (rng.uniform(140, 230),), 0, bumps_mm=1, waves=waves(rng, 120))
    yield Solid((0, 30, -18), (400, 11, 13), (rng.uniform(90, 140),), 0, bumps_mm=1, waves=waves(rng, 120))
    for _ in range(16):  # loops of bowel, some with gas
        place = (rng.uniform(-150, -35), rng.uniform(-65, 5), rng.uniform(-95, 95))
        radii = (rng.uniform(14, 24), rng.uniform(12, 18), rng.uniform(16, 30))
        yield Solid(place, radii, (rng.uniform(15, 60),), 0, bumps_mm=2, waves=waves(rng, 40))
        if rng.random() < 0.4:
            yield Solid((place[0], place[1] - 6, place[2]), (10, 6, 12), (-850.0,), 0)
    yield from _kidneys(rng)


def _kidneys(rng: np.random.Generator) -> Iterator[Solid]:
    hu = rng.uniform(165, 215)
    for side in (-1, 1):
        z, y, x = -28 + 8 * side + rng.uniform(-10, 10), 46 + rng.uniform(-5, 5), side * rng.uniform(66, 74)
        radii = (rng.uniform(48, 58), rng.uniform(24, 29), rng.uniform(26, 31))
        yield Solid((z, y, x), radii, (hu,), CLASSES["kidney"], turn=side * 0.4, bumps_mm=1.5, waves=waves(rng, 50))
        yield Solid((z, y - 6, x - side * 20), (20, 9, 14), (-20.0,), 0)


def _liver(rng: np.random.Generator, spacing_mm: Triple_mm) -> Iterator[Solid]:
    hu, wave, liver = rng.uniform(95, 125), waves(rng, 90), CLASSES["liver"]
    z, y, x = 50 + rng.uniform(-10, 10), -4 + rng.uniform(-6, 6), -68 + rng.uniform(-5, 5)
    radii = np.array([rng.uniform(62, 74), rng.uniform(60, 68), rng.uniform(54, 60)])
    yield Solid((z, y, x), tuple(radii), (hu,), liver, bumps_mm=3, waves=wave)
    yield Solid((z + 14, y - 24, x + 62), (34, 30, 46), (hu,), liver, turn=0.2, bumps_mm=3, waves=wave)
    smallest = 4.2 * max(spacing_mm)
    for k in range(rng.choice((0, 1, 2, 2, 3))):
        lesion = min(max(smallest, 12.0) * rng.uniform(1, 1.35), 0.45 * radii.min())
        turn = 2.1 * k + rng.uniform(0, 0.6)
        off = 0.52 * radii * (rng.uniform(-0.8, 0.8), np.sin(turn), np.cos(turn))
        place = tuple(float(v) for v in np.add((z, y, x), off))
        dark = (hu - rng.uniform(60, 85),)
        yield Solid(place, (lesion,) * 3, dark, CLASSES["lesion"], 0, 2, 0.06 * lesion, waves(rng, 2 * lesion), liver)  # type: ignore[arg-type]


PHANTOMS.register("abdomen")(Kind(draw_abdomen, save_msd, CLASSES, dims=3, declare=declare_msd))
