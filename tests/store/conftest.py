from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.dataset.case import Case, Dataset
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.store.restore import restore_logits
from delineate.store.trace import Trace

ORIENTATIONS = [(p, f) for p in permutations(range(3)) for f in product((False, True), repeat=3)]


def turned(volume: Volume, axes, flips) -> Volume:
    """The same scan stored in another orientation."""
    steps = tuple(slice(None, None, -1 if f else None) for f in flips)
    array = np.stack([np.ascontiguousarray(c.transpose(axes)[steps]) for c in volume.array_czyx])
    return Volume(array, volume.geometry.transposed(axes).flipped(flips))


def plan_of(spacing_mm, patch=(8, 8, 8), **changes) -> Plan:
    stage = Stage(name="full", spacing_mm=spacing_mm, patch=patch, batch=2, net=NetPlan(name="plain_unet"))
    values = {
        "dims": len(patch),
        "axes": (0, 1, 2),
        "channels": ("MR",),
        "labels": Labels.exclusive({1: "one", 2: "two"}),
        "normalisers": (Normaliser(name="zscore"),),
        "stages": (stage,),
        "mirror_axes": (),
        "anisotropic": False,
        "crop": "none",
        "memory_bytes": 2**33,
    }
    return Plan(**{**values, **changes})


def scan_of(shape=(9, 12, 14), spacing_mm=(3.0, 1.0, 1.2), seed=0) -> Volume:
    """Noise within a margin of zeros, in an oblique frame."""
    rng = np.random.default_rng(seed)
    array = np.zeros((1, *shape), np.float32)
    array[0, 1:-2, 2:-1, 1:-3] = rng.uniform(1, 5, [n - m for n, m in zip(shape, (3, 3, 4), strict=True)])
    turn = np.radians(7)
    direction = ((np.sin(turn), 0, np.cos(turn)), (0, 1, 0), (np.cos(turn), 0, -np.sin(turn)))
    return Volume(array, Geometry(shape=shape, spacing_mm=spacing_mm, origin_mm=(5, -7, 11), direction=direction))


def balls(shape) -> np.ndarray:
    """Two overlapping ellipsoids: id 2 within id 1."""
    grid = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    radius = np.sqrt(sum(g**2 for g in grid))
    return ((radius < 0.8).astype(np.uint8) + (radius < 0.5)).astype(np.uint8)


def brought_back(ids: np.ndarray, trace: Trace) -> np.ndarray:
    """Ids on the prepared grid, as a network that is sure of them says it, on the scan's own grid."""
    values = np.unique(np.append(ids, 0))
    labels = Labels.exclusive({k: str(k) for k in range(1, len(values))})
    logits = (ids == values[:, None, None, None]).astype(np.float32)
    return values[restore_logits(logits, trace, labels)]


@pytest.fixture
def words():
    """The builders above, for tests to call."""

    class Words:
        orientations = ORIENTATIONS

    Words.turned = staticmethod(turned)
    Words.plan_of = staticmethod(plan_of)
    Words.scan_of = staticmethod(scan_of)
    Words.balls = staticmethod(balls)
    Words.brought_back = staticmethod(brought_back)
    return Words


@pytest.fixture
def written(tmp_path):
    """Writes ``count`` small NIfTI cases and gives the data set."""
    import nibabel as nib

    def write(count=3, shape=(10, 12, 14)):
        cases = []
        rng = np.random.default_rng(1)
        for n in range(count):
            image = rng.normal(10, 3, shape).astype(np.float32)
            paths = tmp_path / f"image{n}.nii", tmp_path / f"label{n}.nii"
            for path, array in zip(paths, (image, balls(shape)), strict=True):
                nib.save(nib.Nifti1Image(array.T, np.diag([-1, -1, 1, 1])), path)
            cases.append(Case(name=f"case{n}", images=paths[:1], label=paths[1]))
        return Dataset(root=tmp_path, layout="test", channels=("MR",), cases=tuple(cases))

    return write
