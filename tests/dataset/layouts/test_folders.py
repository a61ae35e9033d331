from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.folders import find_folders


def brats(*cases: str) -> list[str]:
    return [f"{c}/{c}_{s}.nii.gz" for c in cases for s in ("flair", "t1ce", "seg")]


def test_channels_from_suffixes_masks_and_rare_files_left_out(touch: Callable[..., Path]) -> None:
    root = touch(*brats("B_001", "B_002", "B_003"), "B_001/B_001_brainmask.nii.gz", "B_002/B_002_pet.nii.gz")
    data = find_folders(root)
    assert data is not None
    assert data.channels == ("FLAIR", "T1ce")
    assert [c.name for c in data.cases] == ["B_001", "B_002", "B_003"]
    assert data.cases[2].label == root / "B_003/B_003_seg.nii.gz"
    assert any("brainmask (1 case), pet (1 case)" in n for n in data.notes)


def test_folders_below_folders(touch: Callable[..., Path]) -> None:
    root = touch("HGG/a/img.nii.gz", "HGG/a/seg.nii.gz", "LGG/a/img.nii.gz", "LGG/a/seg.nii.gz")
    data = find_folders(root)
    assert data is not None
    assert data.channels == ("image",)
    assert [c.name for c in data.cases] == ["HGG-a", "LGG-a"]


def test_kits(touch: Callable[..., Path]) -> None:
    data = find_folders(touch(*(f"case_0000{i}/{n}.nii.gz" for i in (0, 1) for n in ("imaging", "segmentation"))))
    assert data is not None
    assert data.channels == ("image",)
    assert [c.name for c in data.cases] == ["case_00000", "case_00001"]


def test_several_pairs_in_a_patients_folder(touch: Callable[..., Path]) -> None:
    names = [f"patient00{p}/patient00{p}_{s}.nii.gz" for p in (1, 2) for s in ("4d", "f01", "f01_gt", "f12", "f12_gt")]
    data = find_folders(touch(*names))
    assert data is not None
    assert [c.name for c in data.cases] == [f"patient00{p}_{f}" for p in (1, 2) for f in ("f01", "f12")]
    assert all(c.label and c.label.name == f"{c.name}_gt.nii.gz" for c in data.cases)
    assert [c.group for c in data.cases] == ["patient001"] * 2 + ["patient002"] * 2
    assert any("4d" in n for n in data.notes)


def test_a_folder_that_is_no_patient(touch: Callable[..., Path]) -> None:
    data = find_folders(touch(*(f"benign/benign ({i}){s}.png" for i in (1, 2) for s in ("", "_mask"))))
    assert data is not None
    assert [(c.name, c.group) for c in data.cases] == [("benign (1)", ""), ("benign (2)", "")]


def test_one_case(touch: Callable[..., Path]) -> None:
    data = find_folders(touch("t2.nii.gz", "label.nii.gz", "scribble.nii.gz"))
    assert data is not None
    assert data.channels == ("T2",)
    assert data.cases[0].images[0].name == "t2.nii.gz"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([*brats("a", "b"), "c/c_flair.nii.gz", "c/c_seg.nii.gz"], "'t1ce'.*missing in c"),
        ([*brats("a", "b"), "c/c_flair.nii.gz", "c/c_t1ce.nii.gz"], "c has no label"),
        ([*brats("a"), "b/b_seg.nii.gz"], "b has no image"),
        (["a/img.nii", "a/label_x.nii", "a/label_y.nii"], "2 candidate labels"),
        (["a/img.nii", "a/img.nii.gz", "a/seg.nii"], "two files of one name"),
        (["a/x.nii", "a/y.nii", "a/seg.nii", "b/u.nii", "b/v.nii", "b/seg.nii"], "no image is in every case"),
        (
            ["a/1.nii", "a/1_gt.nii", "a/2.nii", "a/2_gt.nii", "a/3.nii", "b/1.nii", "b/1_gt.nii"],
            "images without a label: a: 3",
        ),
    ],
)
def test_refusals_name_the_case(files: list[str], told: str, touch: Callable[..., Path]) -> None:
    with pytest.raises(LayoutError, match=told):
        find_folders(touch(*files))
