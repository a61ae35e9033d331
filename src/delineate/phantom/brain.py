"""A skull-stripped brain MR of two to four sequences with a nested tumour, as in the BraTS challenge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from delineate.core.geometry import Triple
from delineate.phantom.phantom import PHANTOMS, Kind
from delineate.phantom.save import save_case_folder
from delineate.phantom.scan import Scan, Scene, paint
from delineate.phantom.shapes import Solid, field_on, grain, smooth_field, waves

CLASSES = {"oedema": 1, "core": 2, "enhancing": 3}
SEQUENCES = ("flair", "t1c", "t1", "t2")

_FIELD_MM = (160.0, 200.0, 168.0)
_BRAIN = 9  # marks the brain while painting, so that no tumour grows out of it
_TISSUE = {  # relative signal in the order of SEQUENCES
    "grey": (0.52, 0.50, 0.48, 0.58),
    "white": (0.42, 0.62, 0.66, 0.42),
    "fluid": (0.14, 0.20, 0.20, 1.00),
    "oedema": (0.95, 0.44, 0.40, 0.84),
    "core": (0.66, 0.26, 0.28, 0.68),
    "enhancing": (0.82, 1.00, 0.46, 0.62),
}


def draw_brain(shape: Triple, rng: np.random.Generator, sequences: int) -> Scan:
    """One patient: the first ``sequences`` of `SEQUENCES`, each with a bias field, a gain and noise of its own."""
    scene = decide_brain(shape, rng, sequences)
    image = np.empty((sequences, *shape), np.int16)
    label = np.empty(shape, np.uint8)
    biases = [smooth_field(rng, (3, 4, 4)) for _ in range(sequences)]
    gains, texture = rng.uniform(500, 1500, sequences), smooth_field(rng, (14, 16, 16))
    for slices, canvas in paint(scene):
        part = slice(slices.start, slices.stop)
        for k, signal in enumerate(canvas.image_czyx):
            brain = signal > 0.07
            signal *= np.exp(0.16 * field_on(biases[k], shape, slices)) + 0.03 * field_on(texture, shape, slices)
            real, imaginary = (grain(rng, signal.shape, 0.025, 0.4) for _ in range(2))
            signal[:] = np.hypot(signal + real, imaginary) * brain  # Rician, as the magnitude of a complex signal is
            image[k, part] = np.rint(signal * gains[k])
        label[part] = np.where(canvas.label_zyx == _BRAIN, 0, canvas.label_zyx)
    return Scan(image, label, scene.spacing_mm, SEQUENCES[:sequences])


def draw_incomplete_brain(shape: Triple, rng: np.random.Generator, sequences: int) -> Scan:
    """One patient of whom, in half of the cases, one sequence was not acquired."""
    missing = int(rng.integers(0, 2 * sequences))
    scan = draw_brain(shape, rng, sequences)
    kept = [k for k in range(sequences) if k != missing]
    return Scan(scan.image_czyx[kept], scan.label_zyx, scan.spacing_mm, tuple(scan.channels[k] for k in kept))


def decide_brain(shape: Triple, rng: np.random.Generator, sequences: int) -> Scene:
    """Where everything is and how bright; nothing is painted yet."""
    size = rng.uniform(0.95, 1.06)
    spacing = tuple(round(size * f / n, 4) for f, n in zip(_FIELD_MM, shape, strict=True))
    signal = {n: tuple(v * rng.uniform(0.95, 1.05) for v in values[:sequences]) for n, values in _TISSUE.items()}
    voxel = max(spacing)
    solids = (*_head(rng, signal), *_tumour(rng, signal, voxel))
    return Scene(shape, spacing, (0.0,) * sequences, solids)  # type: ignore[arg-type]


def _head(rng: np.random.Generator, signal: dict[str, tuple[float, ...]]) -> Iterator[Solid]:
    high, long, wide = rng.uniform(62, 68), rng.uniform(80, 86), rng.uniform(66, 72)
    yield Solid((0, 0, 0), (high, long, wide), signal["fluid"], _BRAIN)
    folds = waves(rng, 26, 5)
    yield Solid((0, 0, 0), (high - 3, long - 3, wide - 3), signal["grey"], bumps_mm=1.2, waves=folds)
    yield Solid((0, 0, 0), (high - 12, long - 13, wide - 13), signal["white"], bumps_mm=4.5, waves=folds)
    yield Solid((4, 0, 0), (high - 5, long - 4, 1.5), signal["fluid"])  # the fissure between the hemispheres
    for side in (-1, 1):
        horn = rng.uniform(0.85, 1.2)
        middle = (10, rng.uniform(-4, 4), side * 13)
        yield Solid(
            middle, (13 * horn, 32 * horn, 6 * horn), signal["fluid"], turn=-side * 0.3, bumps_mm=0.8, waves=folds
        )
        yield Solid((-4, 2, side * 24), (12, 15, 8), signal["grey"], turn=side * 0.3)


def _tumour(rng: np.random.Generator, signal: dict[str, tuple[float, ...]], voxel_mm: float) -> Iterator[Solid]:
    core = max(rng.uniform(15, 19), 6 * voxel_mm)
    spread = rng.uniform(8, 13) + voxel_mm
    side, angle = rng.choice([-1, 1]), rng.uniform(-1.1, 1.1)
    centre = (rng.uniform(-14, 26), 38 * np.sin(angle), side * (14 + 20 * np.cos(angle)))
    stretch = rng.uniform(0.88, 1.15, 3)
    wave = waves(rng, 40)
    parts = (("oedema", core + spread, 0.08, _BRAIN), ("core", core, 0.08, 1), ("enhancing", 0.6 * core, 0.05, 2))
    for name, radius, bumpy, only_on in parts:
        place = tuple(c + rng.normal(0, 0.06 * radius) for c in centre)
        radii = tuple(float(r) for r in radius * stretch)
        yield Solid(place, radii, signal[name], CLASSES[name], 0, 2, bumpy * radius, wave, only_on)  # type: ignore[arg-type]


PHANTOMS.register("brain")(Kind(draw_brain, save_case_folder, CLASSES, dims=3))
PHANTOMS.register("brain_incomplete")(Kind(draw_incomplete_brain, save_case_folder, CLASSES, dims=3))
