"""Masks in files, paired and measured."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from delineate.core.errors import BudgetError, FormatError, GeometryError, LabelError
from delineate.core.labels import Labels
from delineate.evaluate.files import Effort, evaluate_files


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


def test_a_truth_without_a_prediction_is_missed_and_told(folders: tuple[Path, Path]) -> None:
    guess, truth = folders
    (guess / "b.nii.gz").unlink()
    nifti(guess / "c.nii.gz", np.zeros((2, 2, 2)))
    table = evaluate_files(guess, truth)
    assert [(r.case, r.state) for r in table.rows] == [
        ("a", "present"), ("a", "present"), ("b", "missed"), ("b", "missed"),
    ]  # fmt: skip
    assert table.foreground["dice"] == pytest.approx((2 / 3 + 1) / 4)
    assert [c.missed for c in table.classes] == [1, 1]
    missing, extra = table.notes
    assert "1 case without a prediction, counted as missed" in missing and missing.endswith(": b")
    assert "left out" in extra and extra.endswith(": c")


def test_missing_is_exactly_as_bad_as_empty(folders: tuple[Path, Path], tmp_path: Path) -> None:
    guess, truth = folders
    nifti(guess / "b.nii.gz", np.zeros((4, 5, 6)))
    empty = evaluate_files(guess, truth)
    (guess / "b.nii.gz").unlink()
    assert evaluate_files(guess, truth).rows == empty.rows


@pytest.mark.parametrize(("shape", "shift_mm", "told"), [((4, 5, 5), 0.0, "shape"), ((4, 5, 6), 3.0, "3.00 mm apart")])
def test_other_grids_are_refused(tmp_path: Path, shape: tuple[int, ...], shift_mm: float, told: str) -> None:
    a = nifti(tmp_path / "a.nii.gz", np.ones(shape), shift_mm)
    b = nifti(tmp_path / "b.nii.gz", np.ones((4, 5, 6)))
    with pytest.raises(GeometryError, match=told):
        evaluate_files(a, b)


def test_values_nobody_declared_name_the_file(folders: tuple[Path, Path]) -> None:
    with pytest.raises(LabelError, match=r"a\.nii: .*3 \(30 voxels\)"):
        evaluate_files(*folders, Labels.exclusive({1: "liver"}))


@pytest.mark.parametrize("missing", ["truth", "prediction"])
def test_values_of_one_side_are_told(folders: tuple[Path, Path], missing: str) -> None:
    guess, truth = folders
    side = truth if missing == "truth" else guess
    for path in list(side.glob("*.nii*")):
        nifti(path, np.ones((4, 5, 6)))
    table = evaluate_files(guess, truth)
    other = "predictions" if missing == "truth" else "truth"
    assert table.notes == (f"only in the {other}: label 3",)
    assert {r.state for r in table.rows if r.class_name == "label 3"} == {
        "false alarm" if missing == "truth" else "missed"
    }


def test_a_class_nobody_has_is_absent_and_told(folders: tuple[Path, Path]) -> None:
    table = evaluate_files(*folders, Labels.exclusive({1: "liver", 3: "kidney", 7: "spleen"}))
    spleen = table.classes[2]
    assert (spleen.n, spleen.absent, spleen.metrics["dice"].mean) == (0, 2, None)
    assert table.notes == ("in no mask at all, so in no mean: spleen",)


def real(path: Path, array: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(array.astype(np.float32), np.diag([2.0, 2.0, 5.0, 1.0])), path)
    return path


def test_whole_numbers_stored_as_reals_are_labels_and_others_are_not(tmp_path: Path) -> None:
    array = np.zeros((4, 5, 6))
    array[1:3] = 2
    a, b = real(tmp_path / "a.nii.gz", array), nifti(tmp_path / "b.nii.gz", array)
    assert evaluate_files(a, b).foreground["dice"] == 1
    with pytest.raises(LabelError, match="not integers"):
        evaluate_files(real(tmp_path / "c.nii.gz", array * 0.37), b)


def test_workers_change_nothing_and_the_expected_peak_is_heard(folders: tuple[Path, Path]) -> None:
    told: list[int] = []
    many = evaluate_files(*folders, effort=Effort(workers=3, budget_bytes=2**34, expect=told.append))
    assert many == evaluate_files(*folders)
    assert told[0] > 0


def test_a_case_that_does_not_fit_the_memory_is_refused_before_it_is_read(folders: tuple[Path, Path]) -> None:
    with pytest.raises(BudgetError, match="measuring a, b takes"):
        evaluate_files(*folders, effort=Effort(budget_bytes=2**20))


def test_another_grid_is_resampled_when_asked_and_told(tmp_path: Path) -> None:
    truth = np.zeros((8, 8, 8))
    truth[2:6, 2:6, 2:6] = 1
    wide = np.zeros((10, 8, 8))
    wide[1:9] = truth
    nifti(tmp_path / "truth" / "a.nii.gz", truth)
    nifti(tmp_path / "guess" / "a.nii.gz", wide, shift_mm=-2.0)
    table = evaluate_files(tmp_path / "guess", tmp_path / "truth", resample=True)
    assert table.foreground["dice"] == 1
    assert table.notes == ("1 of 1 predictions brought to the truth's grid (nearest voxel): a",)


def test_a_picture_of_another_size_is_stretched(tmp_path: Path) -> None:
    truth = np.zeros((8, 8))
    truth[2:6, 2:6] = 255
    a, b = png(tmp_path / "a.png", truth.repeat(2, 0).repeat(2, 1)), png(tmp_path / "b.png", truth)
    with pytest.raises(GeometryError, match="shape"):
        evaluate_files(a, b)
    assert evaluate_files(a, b, resample=True).foreground["dice"] == 1


def test_grids_that_do_not_touch_are_refused_even_so(tmp_path: Path) -> None:
    a = nifti(tmp_path / "a.nii.gz", np.ones((4, 5, 6)), 500.0)
    b = nifti(tmp_path / "b.nii.gz", np.ones((4, 5, 6)))
    with pytest.raises(GeometryError, match=r"b: the grids .* do not overlap"):
        evaluate_files(a, b, resample=True)


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", np.random.default_rng(0).integers(0, 9, (20, 20, 20)))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(FormatError, match=r"a\.nii\.gz"):
        evaluate_files(path, path)
