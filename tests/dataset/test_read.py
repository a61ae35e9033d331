from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.errors import GeometryError, LabelError
from delineate.core.labels import Labels
from delineate.dataset.case import Case
from delineate.dataset.read import read_case

LABELS = Labels.exclusive({2: "a", 7: "b"})


def save(path: Path, array_xyz: np.ndarray, shift_mm: float = 0.0) -> Path:
    """A scan of 2 x 1 x 3 mm voxels."""
    affine = np.diag([2.0, 1.0, 3.0, 1.0])
    affine[0, 3] = shift_mm
    nibabel.save(nibabel.Nifti1Image(array_xyz, affine), path)
    return path


@pytest.fixture
def case(tmp_path: Path) -> Case:
    rng = np.random.default_rng(0)
    one = save(tmp_path / "one.nii", rng.integers(-9, 9, (5, 4, 3)).astype(np.int16))
    two = save(tmp_path / "two.nii", rng.normal(size=(5, 4, 3)).astype(np.float32), 0.4)
    label = save(tmp_path / "label.nii", rng.choice([0, 2, 7], (5, 4, 3)).astype(np.uint8))
    return Case(name="c", images=(one, two), label=label)


def test_channels_and_ids(case: Case) -> None:
    image, label = read_case(case, LABELS)
    arrays = [np.asarray(nibabel.load(p).dataobj).T for p in case.images]
    assert image.array_czyx.dtype == np.float32
    np.testing.assert_array_equal(image.array_czyx, np.stack(arrays))
    assert label is not None
    assert case.label is not None
    assert label.geometry == image.geometry
    values = np.asarray(nibabel.load(case.label).dataobj).T
    np.testing.assert_array_equal(label.array_czyx[0], np.searchsorted([0, 2, 7], values))


def test_no_label_wanted_or_there(case: Case) -> None:
    assert read_case(case, None)[1] is None
    assert read_case(case.model_copy(update={"label": None}), LABELS)[1] is None


def test_grids_that_differ_are_told(case: Case, tmp_path: Path) -> None:
    short = save(tmp_path / "short.nii", np.zeros((5, 4, 2), np.uint8))
    with pytest.raises(GeometryError, match=r"case c: label short.nii .* \(2, 4, 5\), not \(3, 4, 5\)"):
        read_case(case.model_copy(update={"label": short}), LABELS)
    moved = save(tmp_path / "moved.nii", np.zeros((5, 4, 3), np.uint8), 0.6)
    with pytest.raises(GeometryError, match=r"label moved.nii .* up to 0.6 mm"):
        read_case(case.model_copy(update={"label": moved}), LABELS)
    with pytest.raises(GeometryError, match=r"channel moved.nii"):
        read_case(case.model_copy(update={"images": (case.images[0], moved)}), LABELS)


def test_values_nobody_declared_name_the_case(case: Case) -> None:
    with pytest.raises(LabelError, match=r"case c: .*7"):
        read_case(case, Labels.exclusive({2: "a"}))
