"""What headers tell: grids that differ, and how many cases fit the memory."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.errors import BudgetError, GeometryError
from delineate.core.memory import tree_bytes
from delineate.evaluate.lookahead import look_ahead
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
