"""What headers tell: grids that differ, and how many cases fit the memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.errors import BudgetError, GeometryError
from delineate.core.memory import tree_bytes
from delineate.evaluate.lookahead import _MEASURE_BYTES, look_ahead
from delineate.evaluate.maskpair import MaskPair


def pair(folder: Path, case: str, shape: tuple[int, int, int], other: tuple[int, int, int] | None = None) -> MaskPair:
    paths = []
    for side, size in (("guess", other or shape), ("truth", shape)):
        paths.append(folder / f"{case}_{side}.nii")
        nibabel.save(nibabel.Nifti1Image(np.zeros(size, np.uint8), np.eye(4)), paths[-1])
    return MaskPair(case, *paths)


def test_every_case_on_another_grid_is_named(tmp_path: Path) -> None:
    pairs = [pair(tmp_path, "a", (4, 4, 4)), *(pair(tmp_path, n, (4, 4, 4), (4, 4, 5)) for n in "bc")]
    with pytest.raises(GeometryError) as caught:
        look_ahead(pairs, False, 1)
    assert all(f"{n}_guess" in caught.value.what for n in "bc") and "a_guess" not in caught.value.what
    assert "--resample" in caught.value.fix
    assert set(look_ahead(pairs, True, 1).elsewhere) == {"b", "c"}


def test_workers_follow_from_the_memory(tmp_path: Path) -> None:
    pairs = [pair(tmp_path, f"c{i}", (128, 128, 128)) for i in range(4)]
    one = look_ahead(pairs, False, 1).expected_bytes
    assert look_ahead(pairs, False, 4).workers == 4
    case = look_ahead(pairs, False, 2).expected_bytes - one
    assert case > 128**3
    assert look_ahead(pairs, False, 4, int(one + 1.5 * case)).workers == 2
    with pytest.raises(BudgetError, match="c0, c1"):
        look_ahead(pairs, False, 4, tree_bytes())


def test_the_largest_cases_are_expected_to_meet(tmp_path: Path) -> None:
    small, large = (pair(tmp_path, n, (size, 128, 128)) for n, size in (("small", 2), ("large", 256)))
    alone = look_ahead([large], False, 1).expected_bytes
    for pairs in ([small, large], [large, small]):
        assert look_ahead(pairs, False, 1).expected_bytes == pytest.approx(alone, abs=64 * 128**2 * _MEASURE_BYTES)


MEASURE = """
import numpy as np
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.score import score_case

def kib(name):
    return next(int(row.split()[1]) for row in open("/proc/self/status") if row.startswith(name))

def ball(n):
    inside = sum((i - n / 2) ** 2 for i in np.ogrid[:n, :n, :n]) < (n / 2) ** 2
    truth = inside.astype(np.uint8)
    return np.roll(truth, (1, 3, 2), (0, 1, 2)), truth, Labels.exclusive({1: "ball"}), Geometry(shape=truth.shape)

score_case(*ball(16))  # imports
large = ball(128)
before = kib("VmRSS")
score_case(*large)
print((kib("VmHWM") - before) * 1024 / large[0].size)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak memory there")
def test_measuring_takes_what_is_expected() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    assert _MEASURE_BYTES / 3 < float(done.stdout) <= _MEASURE_BYTES
