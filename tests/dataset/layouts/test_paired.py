from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.paired import find_paired


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("images", "labels"),
        ("image", "label"),
        ("source", "label"),
        ("imagesTr", "labelsTr"),
        ("images", "masks"),
        ("train", "train_masks"),
        ("ct", "GroundTruth"),
        ("train/images", "train/labels"),
        ("images/train", "labels/train"),
        ("my data/images", "my data/labels"),
    ],
)
def test_names_of_folders(images: str, labels: str, touch: Callable[..., Path]) -> None:
    root = touch(f"{images}/a.nii.gz", f"{labels}/a.nii.gz", f"{images}/b.nii.gz", f"{labels}/b.nii.gz", "t/.x.png")
    data = find_paired(root)
    assert data is not None
    assert data.root == root
    assert [(c.images, c.label) for c in data.cases] == [
        ((root / images / f"{n}.nii.gz",), root / labels / f"{n}.nii.gz") for n in "ab"
    ]


def test_other_folders_are_left_out_with_a_note(touch: Callable[..., Path]) -> None:
    data = find_paired(touch("images/a.png", "labels/a.png", "raters/a.png", "imagesTs/z.png", "labelsVal/a.png"))
    assert data is not None
    assert len(data.cases) == 1
    assert data.channels == ("grey",)
    assert any("imagesTs, labelsVal, raters" in n for n in data.notes)


def test_numbered_channels(touch: Callable[..., Path]) -> None:
    data = find_paired(touch("images/a_0000.nii.gz", "images/a_0001.nii.gz", "labels/a.nii.gz"))
    assert data is not None
    assert data.channels == ("channel_0", "channel_1")
    assert [p.name for p in data.cases[0].images] == ["a_0000.nii.gz", "a_0001.nii.gz"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["images/a.png", "labels_x/a.png", "labels_y/a.png"], "labels_x, labels_y"),
        (["images/a.png", "images/a.jpg", "labels/a.png"], "two files of one name.*a.jpg and a.png"),
        (["images/a.png", "labels/a.png", "labels/a.gif"], "two files of one name"),
        (["images/a.png", "labels/a.png", "labels/a_mask.png"], "2 candidate labels for image a: a, a_mask"),
        (["images/a.png", "mask/a.png", "1st_manual/a.png"], "labels in 1st_manual, mask"),
        (["images/a.png"], "no folder of labels"),
        (["labels/a.png"], "no images"),
        (["images/a.png", "images/b.png", "labels/a.png"], "1 image without a label: b"),
    ],
)
def test_refusals_name_the_files(files: list[str], told: str, touch: Callable[..., Path]) -> None:
    with pytest.raises(LayoutError, match=told):
        find_paired(touch(*files))


def test_a_4d_scan_nobody_explains_is_refused(tmp_path: Path) -> None:
    import nibabel
    import numpy as np

    for folder, shape in (("images", (3, 3, 2, 5)), ("labels", (3, 3, 2))):
        (tmp_path / folder).mkdir()
        nibabel.save(nibabel.Nifti1Image(np.ones(shape, np.uint8), np.eye(4)), tmp_path / folder / "a.nii.gz")
    with pytest.raises(LayoutError, match="5 volumes"):
        find_paired(tmp_path)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["train/a_1.png", "train_masks/a_1_mask.gif"], "a_1"),
        (["images/a_0000.nii", "labels/a.nii"], "a"),
        (["images/p1/t1.nii", "images/p1/t2.nii", "labels/p1/seg.nii"], "p1"),
    ],
)
def test_names_of_cases(files: list[str], name: str, touch: Callable[..., Path]) -> None:
    data = find_paired(touch(*files))
    assert data is not None
    assert [c.name for c in data.cases] == [name]
