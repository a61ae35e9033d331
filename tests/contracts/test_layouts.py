"""What every layout must do, on an example of its own; a new layout adds its example to `EXAMPLES`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.case import Dataset
from delineate.dataset.find import find_cases
from delineate.dataset.layouts import LAYOUTS

SUFFIX = ".nii.gz"


def write(root: Path, *names: str) -> None:
    """Small scans."""
    for name in names:
        path = root / f"{name}{SUFFIX}"
        path.parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(np.ones((3, 3, 2), np.uint8), np.eye(4)), path)


def msd(root: Path) -> None:
    write(root, "imagesTr/a", "imagesTr/b", "labelsTr/a", "labelsTr/b")
    training = [{"image": f"./imagesTr/{n}{SUFFIX}", "label": f"./labelsTr/{n}{SUFFIX}"} for n in "ab"]
    content = {"modality": {"0": "CT"}, "labels": {"0": "background", "1": "x"}, "training": training}
    (root / "dataset.json").write_text(json.dumps(content))


def nnunet(root: Path) -> None:
    write(root, "imagesTr/a_0000", "imagesTr/b_0000", "labelsTr/a", "labelsTr/b")
    content = {"channel_names": {"0": "CT"}, "labels": {"background": 0, "x": 1}, "file_ending": SUFFIX}
    (root / "dataset.json").write_text(json.dumps(content))


def manifest(root: Path) -> None:
    write(root, "a", "b", "s/a", "s/b")
    (root / "manifest.csv").write_text(f"image,label\na{SUFFIX},s/a{SUFFIX}\nb{SUFFIX},s/b{SUFFIX}\n")


def listing(root: Path) -> None:
    write(root, "a", "b", "s/a", "s/b")
    (root / "train.txt").write_text(f"a{SUFFIX} s/a{SUFFIX}\nb{SUFFIX} s/b{SUFFIX}\n")


def paired(root: Path) -> None:
    write(root, "images/a", "images/b", "labels/a", "labels/b")


def beside(root: Path) -> None:
    write(root, "a", "b", "a_seg", "b_seg")


def folders(root: Path) -> None:
    write(root, "a/scan", "a/seg", "b/scan", "b/seg")


EXAMPLES: dict[str, Callable[[Path], None]] = {
    "msd": msd,
    "nnunet": nnunet,
    "manifest": manifest,
    "listing": listing,
    "paired": paired,
    "beside": beside,
    "folders": folders,
}


@pytest.mark.parametrize("name", LAYOUTS.names())
def test_finds_its_example_and_changes_nothing(name: str, tmp_path: Path) -> None:
    EXAMPLES[name](tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    data = LAYOUTS[name](tmp_path)
    assert data is not None
    assert data.layout == name
    assert [c.name for c in data.cases] == ["a", "b"]
    assert len(data.channels) == 1
    for case in data.cases:
        assert case.label is not None
        assert all(p.is_file() and p.name.startswith((case.name, "scan")) for p in case.images)
        assert case.name in case.label.relative_to(tmp_path).as_posix()
        assert case.label not in case.images
    assert data.notes
    assert Dataset.model_validate_json(data.model_dump_json()) == data
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_found_without_naming_it(name: str, tmp_path: Path) -> None:
    EXAMPLES[name](tmp_path)
    assert find_cases(tmp_path).layout == name


@pytest.mark.parametrize("name", LAYOUTS.names())
def test_an_empty_folder_is_not_its_own(name: str, tmp_path: Path) -> None:
    assert LAYOUTS[name](tmp_path) is None


@pytest.mark.parametrize("gone", ["image", "label"])
@pytest.mark.parametrize("name", LAYOUTS.names())
def test_a_missing_image_or_label_is_named(name: str, gone: str, tmp_path: Path) -> None:
    EXAMPLES[name](tmp_path)
    data = LAYOUTS[name](tmp_path)
    assert data is not None
    case = data.cases[1]
    lost = case.label if gone == "label" else case.images[0]
    assert lost is not None
    lost.unlink()
    with pytest.raises(LayoutError) as caught:
        LAYOUTS[name](tmp_path)
    assert case.name in str(caught.value)
    assert caught.value.expected
    assert caught.value.fix
