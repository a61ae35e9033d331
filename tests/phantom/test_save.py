"""The files of a phantom, read back by other programs."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from delineate.phantom.phantom import PHANTOMS, make_phantom


def test_decathlon(tmp_path: Path) -> None:
    sitk = pytest.importorskip("SimpleITK")
    make_phantom("abdomen", tmp_path, 2, (24, 32, 40), 5)
    told = json.loads((tmp_path / "dataset.json").read_text())
    assert told["modality"] == {"0": "CT"}
    assert told["labels"]["2"] == "lesion"
    assert told["numTraining"] == len(told["training"]) == 2
    scan = PHANTOMS["abdomen"].draw((24, 32, 40), np.random.default_rng([5, 0, 1]), 2)
    for key, array in (("image", scan.image_czyx[0]), ("label", scan.label_zyx)):
        image = sitk.ReadImage(str(tmp_path / told["training"][1][key]))
        np.testing.assert_array_equal(sitk.GetArrayFromImage(image), array)
        assert image.GetSpacing() == pytest.approx(scan.spacing_mm[::-1], rel=1e-5)
        assert image.GetDirection() == pytest.approx(np.eye(3).ravel())  # x to the left, y to the back, z up


def test_a_folder_per_case(tmp_path: Path) -> None:
    make_phantom("brain", tmp_path, 2, 24, 0, sequences=3)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["brain_001", "brain_002"]
    names = ["flair.nii.gz", "label.nii.gz", "t1.nii.gz", "t1c.nii.gz"]
    assert sorted(p.name for p in (tmp_path / "brain_002").iterdir()) == names
    assert nibabel.load(tmp_path / "brain_001" / "label.nii.gz").get_data_dtype() == np.uint8


def test_pictures(tmp_path: Path) -> None:
    make_phantom("photo", tmp_path, 1, (32, 40), 0)
    picture = np.asarray(Image.open(tmp_path / "images" / "photo_001.png"))
    mask = np.asarray(Image.open(tmp_path / "labels" / "photo_001.png"))
    assert picture.shape == (32, 40, 3)
    assert mask.shape == (32, 40)
    assert set(np.unique(mask)) == {0, 255}
