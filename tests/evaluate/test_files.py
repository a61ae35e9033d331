"""Masks in files, paired and measured."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from delineate.core.errors import FormatError, GeometryError, LabelError, LayoutError
from delineate.core.labels import Labels
from delineate.evaluate.files import evaluate_files, infer_labels, pair_files


def nifti(path: Path, array: np.ndarray, shift_mm: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([2.0, 2.0, 5.0, 1.0])
    affine[0, 3] = shift_mm
    nibabel.save(nibabel.Nifti1Image(array.astype(np.uint8), affine), path)
    return path


def png(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array.astype(np.uint8)).save(path)
    return path


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    truth = np.zeros((4, 5, 6))
    truth[:2], truth[3] = 1, 3
    guess = truth.copy()
    guess[1] = 0
    nifti(tmp_path / "truth" / "a.nii.gz", truth)
    nifti(tmp_path / "truth" / "b.nii.gz", truth)
    nifti(tmp_path / "guess" / "a.nii", guess)
    nifti(tmp_path / "guess" / "b.nii.gz", truth)
    (tmp_path / "truth" / "dataset.json").write_text("{}")
    return tmp_path / "guess", tmp_path / "truth"


def test_folders_pair_by_name_whatever_the_suffix(folders: tuple[Path, Path]) -> None:
    told: list[tuple[int, int]] = []
    table = evaluate_files(*folders, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]
    assert [(r.case, r.class_name) for r in table.rows] == [
        ("a", "label 1"), ("a", "label 3"), ("b", "label 1"), ("b", "label 3"),
    ]  # fmt: skip
    assert [r.values["dice"] for r in table.rows] == pytest.approx([2 / 3, 1, 1, 1])
    assert table.rows[0].values["volume_error_ml"] == pytest.approx(30 * 20 / 1000)
    assert table.foreground["dice"] == pytest.approx((5 / 6 + 1) / 2)


def test_declared_labels_name_classes_and_leave_ignored_voxels_out(folders: tuple[Path, Path]) -> None:
    labels = Labels.exclusive({1: "liver"}, ignore_value=3)
    table = evaluate_files(*folders, labels)
    liver = table.rows[0]
    assert liver.class_name == "liver"
    assert liver.values["accuracy"] == pytest.approx(1 - 30 / 90)


def test_pictures_of_0_and_255_and_two_files_of_any_name(tmp_path: Path) -> None:
    truth = np.zeros((8, 8))
    truth[2:6, 2:6] = 255
    a, b = png(tmp_path / "x_pred.png", np.roll(truth, 2, 0)), png(tmp_path / "x_true.png", truth)
    (row,) = evaluate_files(a, b).rows
    assert (row.case, row.class_name) == ("x_true", "foreground")
    assert row.values["dice"] == pytest.approx(0.5)


def test_a_prediction_with_another_value_is_a_false_alarm_not_a_match(tmp_path: Path) -> None:
    a = png(tmp_path / "a.png", np.full((4, 4), 2))
    b = png(tmp_path / "b.png", np.full((4, 4), 255))
    assert [r.state for r in evaluate_files(a, b).rows] == ["false alarm", "missed"]


def test_unmatched_are_refused_by_name(folders: tuple[Path, Path]) -> None:
    guess, truth = folders
    nifti(guess / "c.nii.gz", np.zeros((2, 2, 2)))
    (guess / "b.nii.gz").unlink()
    with pytest.raises(LayoutError, match=r"1 in .*truth without a partner in .*guess: b; 1 in .*guess.*: c"):
        evaluate_files(guess, truth)


def test_nothing_missing_and_twice(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    guess, truth = folders
    (tmp_path / "empty").mkdir()
    with pytest.raises(LayoutError, match="no masks"):
        pair_files(tmp_path / "empty", tmp_path / "empty")
    with pytest.raises(LayoutError, match="does not exist"):
        evaluate_files(tmp_path / "nowhere", truth)
    nifti(guess / "a.nii.gz", np.zeros((2, 2, 2)))
    with pytest.raises(LayoutError, match="two masks named a"):
        evaluate_files(guess, truth)


@pytest.mark.parametrize(("shape", "shift_mm", "told"), [((4, 5, 5), 0.0, "shape"), ((4, 5, 6), 3.0, "3.00 mm apart")])
def test_other_grids_are_refused(tmp_path: Path, shape: tuple[int, ...], shift_mm: float, told: str) -> None:
    a = nifti(tmp_path / "a.nii.gz", np.ones(shape), shift_mm)
    b = nifti(tmp_path / "b.nii.gz", np.ones((4, 5, 6)))
    with pytest.raises(GeometryError, match=told):
        evaluate_files(a, b)


def test_values_nobody_declared_name_the_file(folders: tuple[Path, Path]) -> None:
    with pytest.raises(LabelError, match=r"a\.nii: .*3 \(30 voxels\)"):
        evaluate_files(*folders, Labels.exclusive({1: "liver"}))


def test_only_background_and_scans_are_refused(tmp_path: Path) -> None:
    empty = nifti(tmp_path / "a.nii.gz", np.zeros((2, 2, 2)))
    with pytest.raises(LabelError, match="nothing but background"):
        infer_labels([empty])
    scan = tmp_path / "scan.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.arange(2000, dtype=np.int16).reshape(10, 10, 20), np.eye(4)), scan)
    with pytest.raises(LabelError, match="1999 values"):
        infer_labels([scan])


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", np.random.default_rng(0).integers(0, 9, (20, 20, 20)))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(FormatError, match=r"a\.nii\.gz"):
        evaluate_files(path, path)
